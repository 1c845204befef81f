import { drawTraces } from './draw-traces.ts';
import { fact, paint, say, step, width } from './narrator.ts';
import type { Program } from './program.ts';
import { EXCEPTION, EXITED, factsOfError, factsOfExit, recordsNamed } from './read-last-words.ts';
import { readTraces, type Trace } from './read-traces.ts';
import { noAnswerTo, type Request, textOf } from './requests.ts';
import { type Expectation, telemetryArrival } from './telemetry-arrival.ts';
import type { OtlpFiles } from './otlp-files.ts';

export interface CrashOptions {
  readonly shop: Program;
  readonly shopUrl: string;
  readonly stock: Program;
  /** The folder that the collector writes to. */
  readonly directory: string;
  readonly interruption: AbortSignal;
}

const EXPECTED: readonly Expectation[] = [
  recordOf(EXCEPTION),
  recordOf(EXITED),
  interruptedTrace('GET /receipt', 1),
  interruptedTrace('POST /checkout', 3),
];

function recordOf(eventName: string): Expectation {
  return { what: `log record ${eventName}`, isMet: (files) => recordsNamed(files, eventName).length > 0 };
}

function interruptedTrace(action: string, spanCount: number): Expectation {
  return {
    what: `interrupted trace of ${action} with ${spanCount} spans`,
    isMet: (files) =>
      interruptedTraces(files).some(({ root, spans }) => root.action === action && spans.length === spanCount),
  };
}

function interruptedTraces(files: OtlpFiles): Trace[] {
  return readTraces(files).filter(({ root }) => root.interrupted);
}

/** Second half of the tour: the shop crashes while two requests are open; shows what arrived. */
export async function crash(options: CrashOptions): Promise<void> {
  await crashTheShop(options);
  await showLastWords(options);
}

async function crashTheShop({ shop, shopUrl, stock, interruption }: CrashOptions): Promise<void> {
  step(5, 'The shop crashes: one request throws an uncaught error while another one is open');
  const printedBefore = shop.lines.stderr.length;
  const order: Request = { method: 'POST', path: '/checkout', order: { product: 'tea', quantity: 1 } };
  const receipt: Request = { method: 'GET', path: '/receipt' };
  const crashWhileTheOrderIsOpen = async (): Promise<void> => {
    outcome(order, `open; stock says: ${await stock.line('cellar')}`);
    await noAnswerTo(receipt, shopUrl, interruption);
  };
  await Promise.all([noAnswerTo(order, shopUrl, interruption), crashWhileTheOrderIsOpen()]);
  for (const request of [receipt, order]) outcome(request, paint('red', 'no answer: the connection broke'));
  const end = await shop.ended();
  say();
  say('Its stderr and its exit code, exactly as without swansong:');
  say();
  for (const line of shop.lines.stderr.slice(printedBefore)) say(line);
  say();
  say(end);
}

function outcome(request: Request, text: string): void {
  say(`${textOf(request).padEnd(48)} ${text}`);
}

async function showLastWords({ directory, interruption }: CrashOptions): Promise<void> {
  step(6, 'What arrived of the crash');
  const arrived = await telemetryArrival(directory, EXPECTED, interruption);
  for (const record of recordsNamed(arrived, EXCEPTION)) {
    say(`Why it ended: a log record named "${EXCEPTION}", severity ${record.severityText}`);
    for (const [label, text] of factsOfError(record, arrived)) fact(label, text);
  }
  say();
  say('What it was doing: the spans that were open, ended when the process ended');
  for (const line of drawTraces(interruptedTraces(arrived), width, paint)) say(line);
  say();
  say('"interrupted": the process ended first. ✗: the request that the error belongs to.');
  say('stock still runs: its span ended when its connection to the shop did.');
  say();
  for (const record of recordsNamed(arrived, EXITED)) {
    say(`How it ended: its last log record, named "${EXITED}"`);
    for (const [label, text] of factsOfExit(record)) fact(label, text);
  }
  say();
  say('The OpenTelemetry SDK alone would lose all of this: it exports on timers, and after a');
  say('crash no timer runs.');
}
