import { join } from 'node:path';
import { benchFolder } from '../harness/paths.ts';
import { writeResults } from '../harness/results.ts';
import { bare, prepareRows, rowEnvironment, swansong } from '../harness/rows.ts';
import { spawnProgram } from '../harness/spawn-program.ts';
import { startSink } from '../harness/start-sink.ts';
import { fixed, formatTable, signed } from '../harness/table.ts';
import { withDatabases } from '../side-by-side/databases.ts';

const REQUESTS = 100_000;
/** Megabytes by which the heap may differ between a fifth of the requests and all of them. */
const GOAL = 2;

interface Reading {
  readonly requests: number;
  readonly heapMegabytes: number;
  readonly rssMegabytes: number;
}

/** Whether memory stays flat over 100 000 requests with a query, a call and a log record each. */
export async function memory(): Promise<void> {
  const rows = prepareRows([bare, swansong]);
  const sink = await startSink();
  const figures: object[] = [];
  try {
    await withDatabases(async ({ postgresql }) => {
      for (const row of rows) {
        const { stdout } = await spawnProgram(
          row,
          join(benchFolder, 'memory/serve.mjs'),
          [String(postgresql), String(REQUESTS)],
          rowEnvironment(row, sink.url),
        );
        const readings: Reading[] = JSON.parse(stdout);
        const [early, last] = [readings[1], readings.at(-1)];
        if (early === undefined || last === undefined) throw new Error('memory: expected ten readings');
        const grown = last.heapMegabytes - early.heapMegabytes;
        figures.push({ row: row.name, grownMegabytes: grown, readings });
        console.log(`\n${row.name}\n`);
        console.log(
          formatTable(
            ['requests', 'heap MB', 'RSS MB'],
            readings.map(({ requests, heapMegabytes, rssMegabytes }) => [
              String(requests),
              fixed(heapMegabytes, 1),
              fixed(rssMegabytes),
            ]),
          ),
        );
        console.log(
          `heap, from the second reading to the last: ${signed(grown, 1)} MB; goal, at most ${GOAL}: ${grown <= GOAL ? 'met' : 'NOT met'}`,
        );
      }
    });
  } finally {
    await sink.stop();
  }
  await writeResults('memory', { requests: REQUESTS, goal: GOAL, rows: figures });
}
