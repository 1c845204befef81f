import { fixed, formatTable } from '../harness/table.ts';
import { leakSamples } from './leak-samples.ts';

const WARM_UP = 20_000;
const STEP = 10_000;
const STEPS = 8;
const MEGABYTE = 1e6;

/** Heap, RSS and active resources while 100 000 requests go through one process: they must be flat. */
export async function leak(): Promise<void> {
  const { samples, failed, stderrLines } = await leakSamples(WARM_UP, STEP, STEPS);
  const cells = samples.map(({ requests, heapUsed, external, rss, resources }) => [
    String(requests),
    fixed(heapUsed / MEGABYTE, 2),
    fixed(external / MEGABYTE, 2),
    fixed(rss / MEGABYTE),
    String(resources),
  ]);
  const head = ['requests so far', 'heap MB', 'external MB', 'RSS MB', 'active resources'];
  console.log(`\nafter a forced collection\n\n${formatTable(head, cells)}`);
  console.log(`\n${failed} requests not answered 200; ${stderrLines} lines on stderr`);
}
