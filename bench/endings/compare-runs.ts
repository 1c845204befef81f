import type { ProgramRun, Runnable } from './run-program.ts';

/** Stack frames of the API, of the distributions, and of Node's AsyncLocalStorage. */
const FRAME_OF_TRACING =
  /^ {4}at .*(?:node_modules\/(?:@opentelemetry|@elastic|@sentry|dd-trace|dc-polyfill)\/|dist\/preload\.cjs:|node:async_hooks:|node:internal\/async_|node:diagnostics_channel:|mark-names\.cjs:).*\n/gm;

/** V8's output when the heap is full, in two variants: its last garbage collections, some lines incomplete. */
const HEAP_FULL = /(?<=^<--- Last few GCs --->\n)[^]*?FATAL ERROR: .*? Allocation failed/gm;
/** The native stack: its addresses differ in every run. */
const NATIVE_FRAME = /^ *\d+: 0x[0-9a-f]+.*\n/gm;
/** Whether Node runs microtasks from JavaScript depends on what else happened in the turn: on how shutdown() does its work. */
const FRAME_OF_MICROTASKS = /^ {4}at process\.processTicksAndRejections \(node:internal\/process\/task_queues:.*\n/gm;

/** The differences to the most similar run without a preload, as text; empty if there are none. */
export function fewestChanges(it: Runnable, bares: readonly ProgramRun[], run: ProgramRun): string[] {
  const [fewest = []] = bares.map((bare) => changesOf(it, bare, run)).toSorted((a, b) => a.length - b.length);
  return fewest;
}

function changesOf(it: Runnable, bare: ProgramRun, run: ProgramRun): string[] {
  if (run.hung) return ['hung'];
  return [
    ...(bare.code === run.code && bare.signal === run.signal ? [] : [`${endOf(bare)} became ${endOf(run)}`]),
    ...changesOfText('stdout', comparable(it, bare.stdout), comparable(it, run.stdout)),
    ...changesOfText('stderr', comparable(it, bare.stderr), comparable(it, run.stderr)),
  ];
}

function endOf({ code, signal }: ProgramRun): string {
  return signal ?? `exit code ${code}`;
}

function comparable({ framesOfTracing, callsSwansong }: Runnable, text: string): string {
  let comparable = text
    .replaceAll(/\(node:\d+\)/g, '(node:PID)')
    .replaceAll(HEAP_FULL, '')
    .replaceAll(NATIVE_FRAME, '');
  if (framesOfTracing === true) comparable = comparable.replaceAll(FRAME_OF_TRACING, '');
  if (callsSwansong === true) comparable = comparable.replaceAll(FRAME_OF_MICROTASKS, '');
  return comparable;
}

function changesOfText(name: string, before: string, after: string): string[] {
  if (before === after) return [];
  const added = linesNotIn(after, before);
  const removed = linesNotIn(before, after);
  if (added === 0 && removed === 0) return [`${name} in another order`];
  return [`${name} ${[...(added > 0 ? [`+${added}`] : []), ...(removed > 0 ? [`−${removed}`] : [])].join(' ')}`];
}

function linesNotIn(text: string, other: string): number {
  const left = new Map<string, number>();
  for (const line of other.split('\n')) left.set(line, (left.get(line) ?? 0) + 1);
  let missing = 0;
  for (const line of text.split('\n')) {
    const count = left.get(line) ?? 0;
    if (count === 0) missing += 1;
    else left.set(line, count - 1);
  }
  return missing;
}
