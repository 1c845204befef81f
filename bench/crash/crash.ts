import { refusingUrl } from '../harness/refusing-url.ts';
import { writeResults } from '../harness/results.ts';
import { bare, nodeSdk, prepareRows, rowEnvironment, swansong, type Row } from '../harness/rows.ts';
import { interleave, samplesOf } from '../harness/rounds.ts';
import { startSink, type Sink } from '../harness/start-sink.ts';
import { median, paired, quantile } from '../harness/statistics.ts';
import { fixed, formatTable, signed } from '../harness/table.ts';
import { type CrashRun, runCrash } from './run-crash.ts';

const SPANS = 2048;
/** So long that only the delivery at exit can send them. */
const WAITING = { OTEL_BSP_SCHEDULE_DELAY: '60000', OTEL_BSP_MAX_QUEUE_SIZE: String(SPANS) };
const NEVER_MILLIS = 3_600_000;
/** How much longer than its budget the end of the process may take. */
const GRACE_MILLIS = 300;
/** Fewer rounds: without an answer a round takes seconds and hardly varies. */
const MAX_UNANSWERED_ROUNDS = 5;

/** One crash that is measured. */
interface Case {
  readonly title: string;
  readonly row: Row;
  readonly spans: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A crash whose backend does not answer, and how long its process may wait for it. */
interface UnansweredCase extends Case {
  readonly backend: 'refuses' | 'never answers';
  readonly budgetMillis: number;
}

interface Sample extends CrashRun {
  /** Different ended and interrupted spans, and error records, that arrived. */
  readonly spans: number;
  readonly errors: number;
}

const without: Case = { title: 'no preload', row: bare, spans: SPANS };
const byHand: Case = { title: 'NodeSDK by hand', row: nodeSdk, spans: SPANS };
const answered: readonly Case[] = [
  without,
  { title: 'swansong, http/protobuf', row: swansong, spans: SPANS },
  {
    title: 'swansong, http/protobuf, gzip',
    row: swansong,
    spans: SPANS,
    environment: { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
  },
  {
    title: 'swansong, http/json',
    row: swansong,
    spans: SPANS,
    environment: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  },
  { title: 'swansong, 1 span waits', row: swansong, spans: 1 },
  byHand,
];
const unanswered: readonly (Case | UnansweredCase)[] = [
  without,
  { title: 'swansong, refused', row: swansong, spans: SPANS, backend: 'refuses', budgetMillis: 2000 },
  { title: 'swansong, never answered', row: swansong, spans: SPANS, backend: 'never answers', budgetMillis: 2000 },
  {
    title: 'swansong, never answered, SWANSONG_EXIT_TIMEOUT=500',
    row: swansong,
    spans: SPANS,
    environment: { SWANSONG_EXIT_TIMEOUT: '500' },
    backend: 'never answers',
    budgetMillis: 500,
  },
];

/** How long a process takes to end after an uncaught error, with and without delivery: the time from the throw to its end. */
export async function crash(rounds = 25): Promise<void> {
  const present = prepareRows([bare, swansong, nodeSdk]);
  const sink = await startSink();
  const mute = await startSink(NEVER_MILLIS);
  try {
    const plainStderr = await bareStderr(sink);
    const cases = answered.filter(({ row }) => present.includes(row));
    const samples = await interleave(cases, rounds, (it) => measureAnswered(it, sink, plainStderr));
    console.log(`\n${SPANS} spans wait, loopback backend (${rounds} rounds, Node ${process.version})\n`);
    printTable(cases, samples);

    const slow = unanswered.filter(({ row }) => present.includes(row));
    const slowRounds = Math.min(rounds, MAX_UNANSWERED_ROUNDS);
    const urls = { refuses: await refusingUrl(), 'never answers': mute.url };
    const slowSamples = await interleave(slow, slowRounds, (it) => measureUnanswered(it, urls, plainStderr), 0);
    console.log(`\n${SPANS} spans wait, a backend that does not answer (${slowRounds} rounds)\n`);
    printTable(slow, slowSamples);
    for (const it of slow) {
      if (!('budgetMillis' in it)) continue;
      const longest = Math.max(...samplesOf(slowSamples, it).map(({ endMillis }) => endMillis));
      const bound = it.budgetMillis + GRACE_MILLIS;
      console.log(
        `goal: ${it.title}: at most ${bound} ms: ${longest <= bound ? 'met' : 'NOT met'} (${fixed(longest)} ms)`,
      );
    }
    await writeResults('crash', {
      spans: SPANS,
      rounds,
      answered: figures(cases, samples),
      unanswered: figures(slow, slowSamples),
    });
  } finally {
    await sink.stop();
    await mute.stop();
  }
}

async function bareStderr(sink: Sink): Promise<string> {
  return (await runCrash(bare, SPANS, rowEnvironment(bare, sink.url))).stderr;
}

/** Everything must arrive in every round, and Node's error output must be the same; otherwise the times are meaningless. */
async function measureAnswered(it: Case, sink: Sink, plainStderr: string): Promise<Sample> {
  await sink.reset();
  const run = await runCrash(it.row, it.spans, rowEnvironment(it.row, sink.url, { ...WAITING, ...it.environment }));
  const { distinctSpans, exceptions } = await sink.counts();
  // Plus the span that was open, which arrives as interrupted.
  const wanted = it.row === swansong ? { spans: it.spans + 1, errors: 1 } : { spans: 0, errors: 0 };
  if (distinctSpans !== wanted.spans || exceptions !== wanted.errors) {
    throw new Error(
      `${it.title}: expected ${wanted.spans} spans and ${wanted.errors} error records (got ${distinctSpans} and ${exceptions})\n${run.stderr}`,
    );
  }
  if (run.stderr !== plainStderr) throw new Error(`${it.title}: stderr changed:\n${run.stderr}`);
  return { ...run, spans: distinctSpans, errors: exceptions };
}

/** Nothing can arrive; one line must report the loss. */
async function measureUnanswered(
  it: Case | UnansweredCase,
  urls: Readonly<Record<UnansweredCase['backend'], string>>,
  plainStderr: string,
): Promise<Sample> {
  const url = urls['backend' in it ? it.backend : 'refuses'];
  const run = await runCrash(it.row, it.spans, rowEnvironment(it.row, url, { ...WAITING, ...it.environment }));
  const added = run.stderr.split('\n').filter((line) => line.startsWith('swansong: '));
  const expected = 'backend' in it ? 1 : 0;
  if (added.length !== expected || run.stderr.replaceAll(/^swansong: .*\n/gm, '') !== plainStderr) {
    throw new Error(`${it.title}: expected ${expected} lines more on stderr (got ${JSON.stringify(run.stderr)})`);
  }
  return { ...run, spans: 0, errors: 0 };
}

function printTable(cases: readonly Case[], samples: ReadonlyMap<Case, Sample[]>): void {
  const base = samplesOf(samples, without);
  console.log(
    formatTable(
      ['', 'throw to end ms', 'p25 … p75', 'added ms', 'x bare', 'whole process ms', 'spans arrived', 'errors'],
      cases.map((it) => {
        const runs = samplesOf(samples, it);
        const ends = runs.map(({ endMillis }) => endMillis);
        const bareEnds = base.map(({ endMillis }) => endMillis);
        return [
          it.title,
          fixed(median(ends), 1),
          `${fixed(quantile(ends, 0.25), 1)} … ${fixed(quantile(ends, 0.75), 1)}`,
          it === without ? '' : signed(median(paired(ends, bareEnds, (a, b) => a - b)), 1),
          fixed(median(paired(ends, bareEnds, (a, b) => a / b)), 2),
          fixed(median(runs.map(({ wallMillis }) => wallMillis)), 1),
          // The worst round and not the median: no span may be lost.
          String(Math.min(...runs.map(({ spans }) => spans))),
          String(Math.min(...runs.map(({ errors }) => errors))),
        ];
      }),
    ),
  );
}

function figures(cases: readonly Case[], samples: ReadonlyMap<Case, Sample[]>): object[] {
  const base = samplesOf(samples, without).map(({ endMillis }) => endMillis);
  return cases.map((it) => {
    const runs = samplesOf(samples, it);
    const ends = runs.map(({ endMillis }) => endMillis);
    return {
      title: it.title,
      medianEndMillis: median(ends),
      addedMillis: median(paired(ends, base, (a, b) => a - b)),
      timesBare: median(paired(ends, base, (a, b) => a / b)),
      samples: runs.map(({ endMillis, wallMillis, spans, errors }) => ({ endMillis, wallMillis, spans, errors })),
    };
  });
}
