import { fileURLToPath } from 'node:url';
import { writeResults } from '../harness/results.ts';
import { interleave, samplesOf } from '../harness/rounds.ts';
import { nodeSdk, prepareRows, rowEnvironment, swansong, type Row } from '../harness/rows.ts';
import { spawnProgram } from '../harness/spawn-program.ts';
import { startSink, type SinkCounts } from '../harness/start-sink.ts';
import { median } from '../harness/statistics.ts';
import { fixed, formatTable } from '../harness/table.ts';

const LATENCY_MILLIS = 100;
const SPANS_PER_SECOND = 10_000;
const SECONDS = 10;

interface Sample extends SinkCounts {
  readonly produced: number;
  readonly producingMillis: number;
  readonly flushMillis: number;
  readonly cpuMillis: number;
  readonly peakRssKilobytes: number;
}

type ProducerReport = Omit<Sample, keyof SinkCounts>;

const programs: ReadonlyMap<Row, string> = new Map([
  [swansong, fileURLToPath(new URL('swansong.mjs', import.meta.url))],
  [nodeSdk, fileURLToPath(new URL('nodesdk.mjs', import.meta.url))],
]);

/** How many spans of a busy program reach a distant backend, and how much memory the waiting spans take. */
export async function far(rounds = 3): Promise<void> {
  const rows = prepareRows([...programs.keys()]);
  const sink = await startSink(LATENCY_MILLIS);
  try {
    const measure = async (row: Row): Promise<Sample> => {
      await sink.reset();
      const programArguments = [String(SPANS_PER_SECOND), String(SECONDS)];
      const environment = rowEnvironment(row, sink.url);
      const { stdout } = await spawnProgram(row, programs.get(row) ?? '', programArguments, environment);
      const report: ProducerReport = JSON.parse(stdout);
      return { ...report, ...(await sink.counts()) };
    };
    const runs = await interleave(rows, rounds, measure, 0);
    console.log(
      `\n${SPANS_PER_SECOND} spans/s for ${SECONDS} s, backend ${LATENCY_MILLIS} ms away (${rounds} rounds, Node ${process.version})\n`,
    );
    console.log(
      formatTable(
        HEADER,
        rows.map((row) => [row.name, ...cells(samplesOf(runs, row))]),
      ),
    );
    const figures = rows.map((row) => ({ name: row.name, samples: samplesOf(runs, row) }));
    await writeResults('far', { rounds, latencyMillis: LATENCY_MILLIS, rows: figures });
  } finally {
    await sink.stop();
  }
}

const HEADER = ['', 'arrived / produced', 'share', 'sent twice', 'requests', 'flush ms', 'CPU s', 'peak RSS MB'];

function cells(samples: readonly Sample[]): string[] {
  const of = (value: (sample: Sample) => number): number => median(samples.map(value));
  // The worst round and not the median: no span may be lost.
  const arrived = Math.min(...samples.map((sample) => sample.distinctSpans));
  const produced = Math.max(...samples.map((sample) => sample.produced));
  return [
    `${arrived} / ${produced}`,
    `${fixed((100 * arrived) / produced, 1)} %`,
    String(Math.max(...samples.map((sample) => sample.spans - sample.distinctSpans))),
    fixed(of((sample) => sample.requests)),
    fixed(of((sample) => sample.flushMillis)),
    fixed(of((sample) => sample.cpuMillis) / 1000, 1),
    fixed((of((sample) => sample.peakRssKilobytes) * 1024) / 1e6),
  ];
}
