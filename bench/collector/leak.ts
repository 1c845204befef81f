import { fixed, formatTable } from '../harness/table.ts';
import { swansongCollector } from './collectors.ts';
import { startOffer } from './start-offer.ts';

const REQUESTS = 100_000;
const STEP_MILLIS = 5000;

interface Figures {
  readonly requests: number;
  readonly rssMegabytes: number;
  readonly heapMegabytes: number;
  readonly resources: number;
}

/** Memory and active resources while 100 000 requests go through one process: they must be flat. */
export async function leak(): Promise<void> {
  const args = ['--self-metrics-http', '0', '--rotate-size', '8MiB', '--max-total-size', '64MiB'];
  const collector = await swansongCollector.start({ args });
  try {
    const rows: Figures[] = [];
    let requests = 0;
    while (requests < REQUESTS) {
      const load = { url: collector.url, encoding: 'json', connections: 8, spans: 1 } as const;
      const { latencies } = await startOffer({ ...load, millis: STEP_MILLIS, firstNumber: requests });
      requests += latencies.length;
      rows.push({ requests, rssMegabytes: collector.rssMegabytes().now, ...(await heapOf(collector.selfMetricsUrl)) });
    }
    const cells = rows.map((row) => [
      String(row.requests),
      fixed(row.rssMegabytes),
      fixed(row.heapMegabytes, 1),
      String(row.resources),
    ]);
    console.log(`\n${formatTable(['requests so far', 'RSS MB', 'heap MB', 'active resources'], cells)}`);
  } finally {
    await collector.stop();
  }
}

async function heapOf(
  url: string | undefined,
): Promise<{ readonly heapMegabytes: number; readonly resources: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string): number => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1]);
  return {
    heapMegabytes: value('collector_memory_alloc_mb\\w*'),
    resources: value('collector_active_resources(?:_ratio)?'),
  };
}
