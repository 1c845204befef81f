import { join } from 'node:path';
import { projectFolder } from '../harness/paths.ts';
import { refusingUrl } from '../harness/refusing-url.ts';
import { writeResults } from '../harness/results.ts';
import { prepareRows, rowEnvironment, swansong } from '../harness/rows.ts';
import { interleave, samplesOf } from '../harness/rounds.ts';
import { runToEnd } from '../harness/spawn-program.ts';
import { startSink, type Sink } from '../harness/start-sink.ts';
import { median } from '../harness/statistics.ts';
import { fixed, formatTable, signed } from '../harness/table.ts';

const TIMEOUT_MILLIS = 500;
const GRACE_MILLIS = 100;
const SPANS = 100;
/** Ten of twenty batches may be in flight: a backend this slow answers these before the deadline, but no more. */
const SLOW_MILLIS = 300;
const NEVER_MILLIS = 3_600_000;
const program = join(projectFolder, 'test/fixtures/shutdown/shut-down.mjs');

interface Case {
  readonly title: 'refused' | 'never answered' | '503' | 'slow';
  readonly url: string;
  readonly sink: Sink | undefined;
  readonly delivered: number;
}

/** The output of test/fixtures/shutdown/shut-down.mjs. */
interface Output {
  readonly report: {
    readonly durationMillis: number;
    readonly spans: { delivered: number; undelivered: number; dropped: Readonly<Record<string, number>> };
  };
  readonly accepted: { readonly spans: number };
  readonly heldLong: boolean;
}

interface Sample {
  readonly durationMillis: number;
  /** Set if the deadline was missed, or the process did not soon end by itself with exit code 0. */
  readonly failed: string | undefined;
  /** Set if the report's numbers differ from the backend's. */
  readonly mismatch: string | undefined;
}

/** Repeats `shutdown({ timeoutMillis: 500 })` with a faulty backend: is the deadline kept, and are the numbers correct? */
export async function deadline(rounds = 50): Promise<void> {
  if (prepareRows([swansong]).length === 0) return;
  const [mute, faulty, slow] = await Promise.all([startSink(NEVER_MILLIS), startSink(0, 503), startSink(SLOW_MILLIS)]);
  const cases: readonly Case[] = [
    { title: 'refused', url: await refusingUrl(), sink: undefined, delivered: 0 },
    { title: 'never answered', url: mute.url, sink: mute, delivered: 0 },
    { title: '503', url: faulty.url, sink: faulty, delivered: 0 },
    { title: 'slow', url: slow.url, sink: slow, delivered: SPANS / 2 },
  ];
  try {
    const samples = await interleave(cases, rounds, measure);
    console.log(
      `\nshutdown({ timeoutMillis: ${TIMEOUT_MILLIS} }), ${SPANS} spans wait (${rounds * cases.length} runs, Node ${process.version})\n`,
    );
    printTable(cases, samples);
    const all = cases.flatMap((it) => samplesOf(samples, it));
    const wrong = all.flatMap(({ failed, mismatch }) => failed ?? mismatch ?? []);
    for (const line of wrong) console.log(line);
    console.log(
      `goal: within ${TIMEOUT_MILLIS} ms + ${GRACE_MILLIS} ms, the report's numbers the backend's, ${all.length} runs in a row: ${wrong.length === 0 ? 'met' : `NOT met (${wrong.length})`}`,
    );
    await writeResults('deadline', {
      timeoutMillis: TIMEOUT_MILLIS,
      spans: SPANS,
      rounds,
      cases: cases.map((it) => ({ title: it.title, samples: samplesOf(samples, it) })),
    });
  } finally {
    await Promise.all([mute, faulty, slow].map((sink) => sink.stop()));
  }
}

async function measure(it: Case): Promise<Sample> {
  await it.sink?.reset();
  const environment = rowEnvironment(swansong, it.url, {
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: String(SPANS / 20),
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    // So that nothing is sent between the report and the end of the process.
    SWANSONG_EXIT_TIMEOUT: '0',
  });
  const options = JSON.stringify({ spans: SPANS, records: 0, timeoutMillis: TIMEOUT_MILLIS });
  const { code, signal, stdout, stderr } = await runToEnd(swansong, program, [options], environment);
  if (code !== 0) throw new Error(`${it.title}: ended with ${String(code ?? signal)}\n${stderr}`);
  const { report, accepted, heldLong }: Output = JSON.parse(stdout);
  const { durationMillis, spans } = report;
  const acknowledged = (await it.sink?.counts())?.acknowledgedSpans ?? 0;
  const dropped = Object.values(spans.dropped).reduce((sum, count) => sum + count, 0);
  const total = spans.delivered + spans.undelivered + dropped;
  const late = durationMillis > TIMEOUT_MILLIS + GRACE_MILLIS;
  const isTrue = spans.delivered === acknowledged && total === accepted.spans && spans.delivered === it.delivered;
  return {
    durationMillis,
    failed: late || heldLong ? `${it.title}: resolved after ${fixed(durationMillis)} ms, held: ${heldLong}` : undefined,
    mismatch: isTrue
      ? undefined
      : `${it.title}: ${JSON.stringify(spans)} reported of ${accepted.spans}, ${acknowledged} acknowledged, expected ${it.delivered}`,
  };
}

function printTable(cases: readonly Case[], samples: ReadonlyMap<Case, Sample[]>): void {
  console.log(
    formatTable(
      ['the backend', 'runs', 'over the deadline ms, median', 'max', 'failures', 'mismatches'],
      cases.map((it) => {
        const runs = samplesOf(samples, it);
        const over = runs.map(({ durationMillis }) => durationMillis - TIMEOUT_MILLIS);
        return [
          it.title,
          String(runs.length),
          signed(median(over), 1),
          signed(Math.max(...over), 1),
          String(runs.filter(({ failed }) => failed !== undefined).length),
          String(runs.filter(({ mismatch }) => mismatch !== undefined).length),
        ];
      }),
    ),
  );
}
