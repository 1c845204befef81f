import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeResults } from '../harness/results.ts';
import { auto, bare, nodeSdk, prepareRows, rowEnvironment, swansong, type Row } from '../harness/rows.ts';
import { interleave, samplesOf } from '../harness/rounds.ts';
import { startSink, type Sink } from '../harness/start-sink.ts';
import { median } from '../harness/statistics.ts';
import { fixed, formatTable } from '../harness/table.ts';
import { KILL_MILLIS, terminate, type Termination } from './terminate.ts';

/** Requests in flight at SIGTERM, and as many that are answered before. */
const REQUESTS = 20;
const REQUEST_MILLIS = 500;
/** Time for requests that the process has written to its socket before it ended to arrive. */
const ARRIVAL_MILLIS = 200;

interface Case {
  readonly title: string;
  readonly row: Row;
  /** The program in `apps`. */
  readonly app: string;
}

const CASES: readonly Case[] = [
  { title: 'bare Node: close the server', row: bare, app: 'close-server' },
  { title: 'swansong: gracefulShutdown()', row: swansong, app: 'graceful-shutdown' },
  { title: 'swansong: close the server', row: swansong, app: 'close-server' },
  { title: 'swansong: no handler', row: swansong, app: 'without-handler' },
  { title: 'auto-instrumentations: close the server', row: auto, app: 'close-server' },
  { title: 'auto-instrumentations: close the server, then the provider', row: auto, app: 'close-server-and-telemetry' },
  { title: 'auto-instrumentations: no handler, its own', row: auto, app: 'without-handler' },
  { title: 'NodeSDK by hand: sdk.shutdown(), then exit', row: nodeSdk, app: 'shut-down-sdk' },
  { title: 'NodeSDK by hand: close the server, then sdk.shutdown()', row: nodeSdk, app: 'close-server-and-sdk' },
];

interface Sample extends Omit<Termination, 'parents' | 'parentsBefore'> {
  readonly cut: number;
  /** Spans of accepted requests that arrived. */
  readonly spans: number;
  /** Spans of requests answered before SIGTERM that arrived: shows that the program is instrumented at all. */
  readonly spansBefore: number;
}

/** SIGTERM while slow requests are in flight: are they answered, do their spans arrive, how does the process end? */
export async function shutdown(rounds = 5): Promise<void> {
  const present = prepareRows([bare, swansong, nodeSdk, auto]);
  const cases = CASES.filter(({ row }) => present.includes(row));
  const sink = await startSink();
  try {
    const samples = await interleave(cases, rounds, (it) => measure(it, sink));
    console.log(
      `\nSIGTERM with ${REQUESTS} requests of ${REQUEST_MILLIS} ms in flight, as many answered before (${rounds} rounds, Node ${process.version}; killed after ${KILL_MILLIS} ms)\n`,
    );
    printTable(cases, samples);
    await writeResults('shutdown', {
      requests: REQUESTS,
      requestMillis: REQUEST_MILLIS,
      rounds,
      cases: cases.map((it) => ({ title: it.title, app: it.app, samples: samplesOf(samples, it) })),
    });
  } finally {
    await sink.stop();
  }
}

async function measure(it: Case, sink: Sink): Promise<Sample> {
  await sink.reset();
  const program = fileURLToPath(new URL(`apps/${it.app}.cjs`, import.meta.url));
  const environment = rowEnvironment(it.row, sink.url, { BENCH_REQUEST_MILLIS: String(REQUEST_MILLIS) });
  const { parents, parentsBefore, ...termination } = await terminate(it.row, program, REQUESTS, environment);
  await delay(ARRIVAL_MILLIS);
  const arrived = new Set(await sink.parents());
  const countArrived = (ids: readonly string[]): number => ids.filter((id) => arrived.has(id)).length;
  return {
    ...termination,
    cut: termination.accepted - termination.answered,
    spans: countArrived(parents),
    spansBefore: countArrived(parentsBefore),
  };
}

function printTable(cases: readonly Case[], samples: ReadonlyMap<Case, Sample[]>): void {
  console.log(
    formatTable(
      ['', 'accepted', 'answered', 'cut', 'their spans', 'spans from before', 'exit', 'SIGTERM to end ms', 'hung'],
      cases.map((it) => {
        const runs = samplesOf(samples, it);
        const sum = (of: (run: Sample) => number): string => String(runs.reduce((total, run) => total + of(run), 0));
        const ends = new Set(runs.map(({ code, signal }) => String(code ?? signal)));
        return [
          it.title,
          sum(({ accepted }) => accepted),
          sum(({ answered }) => answered),
          sum(({ cut }) => cut),
          it.row === bare ? '' : sum(({ spans }) => spans),
          it.row === bare ? '' : sum(({ spansBefore }) => spansBefore),
          [...ends].join(' '),
          fixed(median(runs.map(({ endMillis }) => endMillis))),
          `${runs.filter(({ hung }) => hung).length}/${runs.length}`,
        ];
      }),
    ),
  );
}
