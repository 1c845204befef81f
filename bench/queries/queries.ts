import { join } from 'node:path';
import { withDatabases } from '../side-by-side/databases.ts';
import { benchFolder } from '../harness/paths.ts';
import { writeResults } from '../harness/results.ts';
import { bare, prepareRows, rowEnvironment, swansong } from '../harness/rows.ts';
import { interleave, samplesOf } from '../harness/rounds.ts';
import { spawnProgram } from '../harness/spawn-program.ts';
import { startSink } from '../harness/start-sink.ts';
import { median, paired, quantile } from '../harness/statistics.ts';
import { fixed, formatTable, signed } from '../harness/table.ts';

/** Microseconds of CPU time that a query may cost more, with its span, its duration and their sending. */
const GOAL = 15;
const QUERIES = 20_000;
const CLIENTS = ['pg', 'mysql2', 'mysql2, prepared', 'ioredis', 'redis'] as const;

/** What a query costs more than without swansong, in the same rounds, against real servers. */
export async function queries(rounds = 7): Promise<void> {
  const rows = prepareRows([bare, swansong]);
  const sink = await startSink();
  const figures: object[] = [];
  try {
    await withDatabases(async (ports) => {
      for (const client of CLIENTS) {
        const port = { pg: ports.postgresql, my: ports.mariadb }[client.slice(0, 2)] ?? ports.redis;
        const runs = await interleave(rows, rounds, async (row) => {
          const run = await spawnProgram(
            row,
            join(benchFolder, 'queries/query.mjs'),
            [client, String(port), String(QUERIES)],
            rowEnvironment(row, sink.url, { OTEL_BSP_MAX_QUEUE_SIZE: '100000' }),
          );
          return Number(run.stdout);
        });
        const base = samplesOf(runs, bare);
        const added = paired(samplesOf(runs, swansong), base, (own, without) => own - without);
        figures.push({ client, bareMicros: median(base), addedMicros: median(added), samplesMicros: added });
        console.log(
          formatTable(
            [client, 'us', 'added us', 'p25 … p75', `goal ${GOAL}`],
            [
              [
                'per query',
                fixed(median(base), 1),
                signed(median(added), 1),
                `${fixed(quantile(added, 0.25), 1)} … ${fixed(quantile(added, 0.75), 1)}`,
                median(added) <= GOAL ? 'met' : 'NOT met',
              ],
            ],
          ),
        );
      }
    });
  } finally {
    await sink.stop();
  }
  await writeResults('queries', { rounds, queries: QUERIES, goal: GOAL, clients: figures });
}
