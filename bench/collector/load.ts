import { writeResults } from '../harness/results.ts';
import { interleave, samplesOf } from '../harness/rounds.ts';
import { median, paired, quantile } from '../harness/statistics.ts';
import { fixed, formatTable } from '../harness/table.ts';
import { type CollectorKind, otelcol, swansongCollector } from './collectors.ts';
import { type Encoding, numbersIn } from './made-requests.ts';
import { startOffer } from './start-offer.ts';

const SPANS = 512;
const CONNECTIONS = 4;
const WARM_UP_MILLIS = 2000;
const MILLIS = 6000;
/** More than one round writes, since removed files would count as lost. */
const MAX_TOTAL = ['--max-total-size', '16GiB'];

interface Row {
  readonly kind: CollectorKind;
  readonly encoding: Encoding;
}

interface Sample {
  readonly spansPerSecond: number;
  /** Per second of CPU time of the collector, all its threads. */
  readonly spansPerCpuSecond: number;
  readonly p99Millis: number;
  readonly peakRssMegabytes: number;
  readonly notAcknowledged: number;
  /** Requests that were answered 200 and are not in the file. */
  readonly lost: number;
}

/** Requests of 512 spans from several connections, against the OpenTelemetry Collector on one core. */
export async function measureLoad(rounds = 3): Promise<void> {
  const other = otelcol();
  if (other === undefined)
    console.log('otelcol is left out: OTELCOL names no binary, and scripts/otelcol.sh has built none');
  const kinds = [swansongCollector, ...(other === undefined ? [] : [other])];
  const rows = (['json', 'protobuf'] as const).flatMap((encoding) => kinds.map((kind): Row => ({ kind, encoding })));
  const runs = await interleave(rows, rounds, measure, 0);

  console.log(
    `\n${SPANS}-span requests, ${CONNECTIONS} connections, ${MILLIS / 1000} s (${rounds} rounds, Node ${process.version})\n`,
  );
  const cells = rows.map((row) => {
    const samples = samplesOf(runs, row);
    const of = (value: (sample: Sample) => number): number => median(samples.map(value));
    return [
      `${row.kind.name}, ${row.encoding}`,
      fixed(of((sample) => sample.spansPerSecond)),
      fixed(of((sample) => sample.spansPerCpuSecond)),
      fixed(
        of((sample) => sample.p99Millis),
        1,
      ),
      fixed(Math.max(...samples.map((sample) => sample.peakRssMegabytes))),
      String(samples.reduce((sum, sample) => sum + sample.notAcknowledged, 0)),
      String(samples.reduce((sum, sample) => sum + sample.lost, 0)),
    ];
  });
  console.log(formatTable(['', 'spans/s', 'spans/CPU s', 'p99 ms', 'peak RSS MB', 'refused', 'lost'], cells));
  for (const encoding of ['json', 'protobuf'] as const) {
    const [own, theirs] = rows.filter((row) => row.encoding === encoding);
    if (own === undefined || theirs === undefined) continue;
    const perCpu = (row: Row): number[] => samplesOf(runs, row).map((sample) => sample.spansPerCpuSecond);
    const ratio = median(paired(perCpu(own), perCpu(theirs), (left, right) => left / right));
    console.log(`\n${encoding}: ${fixed(ratio, 2)} of otelcol's spans per CPU second (median of pairs)`);
  }
  const figures = rows.map((row) => ({ name: row.kind.name, encoding: row.encoding, samples: samplesOf(runs, row) }));
  await writeResults('collector', { rounds, spans: SPANS, connections: CONNECTIONS, millis: MILLIS, rows: figures });
}

async function measure({ kind, encoding }: Row): Promise<Sample> {
  const collector = await kind.start({ args: MAX_TOTAL });
  try {
    const load = { url: collector.url, encoding, connections: CONNECTIONS, spans: SPANS };
    const warmUp = await startOffer({ ...load, millis: WARM_UP_MILLIS, firstNumber: 0 });
    const cpuBefore = collector.cpuMillis();
    const offered = await startOffer({ ...load, millis: MILLIS, firstNumber: 1_000_000 });
    const cpuMillis = collector.cpuMillis() - cpuBefore;
    const spans = offered.acknowledged.length * SPANS;
    const all = [...warmUp.acknowledged, ...offered.acknowledged];
    return {
      spansPerSecond: (1000 * spans) / offered.elapsedMillis,
      spansPerCpuSecond: (1000 * spans) / cpuMillis,
      p99Millis: quantile(offered.latencies, 0.99),
      peakRssMegabytes: collector.rssMegabytes().peak,
      notAcknowledged: offered.latencies.length - offered.acknowledged.length,
      lost: await countLost(all, () => collector.stored()),
    };
  } finally {
    await collector.stop();
  }
}

/** otelcol flushes its file every second, so a request may appear in it later. */
async function countLost(acknowledged: readonly number[], stored: () => Promise<readonly Buffer[]>): Promise<number> {
  let lost = Infinity;
  for (let attempt = 0; attempt < 3 && lost > 0; attempt += 1) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 1500));
    const found = new Set((await stored()).flatMap((file) => [...numbersIn(file)]));
    lost = acknowledged.filter((number) => !found.has(number)).length;
  }
  return lost;
}
