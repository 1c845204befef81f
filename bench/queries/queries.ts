import { join } from 'node:path';
import { withDatabases } from '../side-by-side/databases.ts';
import { benchFolder } from '../harness/paths.ts';
import { writeResults } from '../harness/results.ts';
import { bare, prepareRows, type Row, rowEnvironment, swansong } from '../harness/rows.ts';
import { interleave, samplesOf } from '../harness/rounds.ts';
import { runToEnd } from '../harness/spawn-program.ts';
import { startSink } from '../harness/start-sink.ts';
import { median, paired, quantile } from '../harness/statistics.ts';
import { fixed, formatTable, signed } from '../harness/table.ts';

/** Microseconds of CPU time that recording a query may cost: its span and its duration. They are sent later, together. */
const GOAL = 15;
/** Nothing is sent, not even at the end. */
const WITHOUT_SENDING = {
  OTEL_BSP_SCHEDULE_DELAY: '10000000',
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1000000',
  SWANSONG_EXIT_TIMEOUT: '0',
  OTEL_LOG_LEVEL: 'none',
};
const QUERIES = 50_000;
const CLIENTS = ['pg', 'mysql2', 'mysql2, prepared', 'ioredis', 'redis'] as const;

interface Variant {
  readonly row: Row;
  readonly environment: Readonly<Record<string, string>>;
}

/** What a query costs more than without swansong, in the same rounds, against real servers. */
export async function queries(rounds = 7): Promise<void> {
  if (prepareRows([swansong]).length === 0) return;
  const variants: readonly Variant[] = [
    { row: bare, environment: {} },
    { row: swansong, environment: WITHOUT_SENDING },
    { row: swansong, environment: {} },
  ];
  const sink = await startSink();
  const figures: object[] = [];
  const table: string[][] = [];
  try {
    await withDatabases(async (ports) => {
      for (const client of CLIENTS) {
        const port = { pg: ports.postgresql, my: ports.mariadb }[client.slice(0, 2)] ?? ports.redis;
        const runs = await interleave(variants, rounds, async ({ row, environment }) => {
          const run = await runToEnd(
            row,
            join(benchFolder, 'queries/query.mjs'),
            [client, String(port), String(QUERIES)],
            rowEnvironment(row, sink.url, { OTEL_BSP_MAX_QUEUE_SIZE: '1000000', ...environment }),
          );
          if (run.code !== 0) throw new Error(`${client}: ended with ${String(run.code)}\n${run.stderr}`);
          return Number(run.stdout);
        });
        const [base = [], recorded = [], sent = []] = variants.map((variant) => samplesOf(runs, variant));
        const added = (samples: readonly number[]): number[] => paired(samples, base, (own, without) => own - without);
        const recording = median(added(recorded));
        figures.push({ client, bareMicros: base, recordedMicros: recorded, sentMicros: sent });
        table.push([
          client,
          fixed(median(base), 1),
          `${signed(recording, 1)} (${fixed(quantile(added(recorded), 0.25), 1)} … ${fixed(quantile(added(recorded), 0.75), 1)})`,
          recording <= GOAL ? 'met' : 'NOT met',
          signed(median(added(sent)), 1),
        ]);
      }
    });
  } finally {
    await sink.stop();
  }
  console.log(formatTable(['us per query', 'without', 'recorded', `goal ${GOAL}`, 'and sent'], table));
  await writeResults('queries', { rounds, queries: QUERIES, goal: GOAL, clients: figures });
}
