import { fileURLToPath } from 'node:url';
import type { ReceivedLogRecord, ReceivedSpan } from './received-telemetry.ts';

/** A log record named `exception`. */
export interface EndingError {
  readonly severity: string;
  readonly type: string;
  readonly message: string;
  /** Name of the span whose trace and span id the record carries. */
  readonly span: string | undefined;
  /** `as printed`: word for word what Node writes to stderr. `of the program`: not printed, and names the program's file. */
  readonly stacktrace: 'as printed' | 'of the program' | 'other' | 'none';
}

/** A span as a row of the table has it. Spans that are alike in all of this are one entry. */
export interface EndingSpan {
  readonly name: string;
  readonly parent: string | undefined;
  readonly count: number;
  /** Ended by swansong, because the process ended. */
  readonly interrupted: boolean;
  /** `unset`, `ok` or `error`, with its message after a colon. */
  readonly status: string;
  readonly errorType: string | undefined;
  /** Its events named `exception`, as `type: message`. */
  readonly exceptions: readonly string[];
}

export interface EndingReceived {
  readonly errors: readonly EndingError[];
  readonly spans: readonly EndingSpan[];
  /** Names of other log records, but for the first one of a process and the last. */
  readonly events: readonly string[];
  /** How many different lines came that the program has logged by pino: a batch under way at the end may come twice. */
  readonly lines: number;
}

/** What arrived, and the last record of each process or thread that ended: its exit code. */
export interface EndingSummary extends EndingReceived {
  readonly exits: readonly number[];
}

const STATUS = ['unset', 'ok', 'error'];
/** Of a message in the table: 1 MB of it would help nobody. */
const MESSAGE_CHARACTERS = 60;
const FOLDER = fileURLToPath(new URL('../fixtures/endings', import.meta.url));

/** Who can tell what it has acknowledged: the backend of the tests, or the file of a collector. */
export interface Acknowledged {
  acknowledgedSpans(): readonly ReceivedSpan[];
  acknowledgedLogRecords(): readonly ReceivedLogRecord[];
}

/** What the backend has acknowledged, as a row of the table has it. What was acknowledged twice counts twice. */
export function summarizeReceived(backend: Acknowledged, program: string, stderr: string): EndingSummary {
  const spans = backend.acknowledgedSpans();
  const all = backend.acknowledgedLogRecords();
  const records = all.filter(({ scope }) => scope.name !== 'swansong/pino');
  const errors = records.filter(({ eventName }) => eventName === 'exception');
  const exits = records.filter(({ eventName }) => eventName === 'swansong.process.exited');
  const starts = records.filter(({ eventName }) => eventName === 'swansong.process.started');
  checkStarts(records, starts);
  return {
    errors: errors.map((record) => toError(record, spans, program, stderr)).toSorted(byText),
    spans: alikeAsOne(spans.map((span) => toSpan(span, spans))).toSorted(byText),
    events: records.flatMap((record) => ([...errors, ...exits, ...starts].includes(record) ? [] : [record.eventName])),
    lines: new Set(
      all
        .filter(({ scope }) => scope.name === 'swansong/pino')
        .map(({ body, attributes }) => JSON.stringify([body, attributes])),
    ).size,
    exits: exits.map(({ attributes }) => Number(attributes['process.exit.code'])).toSorted(byNumber),
  };
}

/** Who tells how it stopped or ended has told that it started, once and before. */
function checkStarts(records: readonly ReceivedLogRecord[], starts: readonly ReceivedLogRecord[]): void {
  const ends = records.filter(({ eventName }) => /^swansong\.process\.(?:stopped|exited)$/.test(eventName));
  const lives = new Set(ends.map(lifeOf));
  if (starts.length !== lives.size || starts.some((start) => !lives.has(lifeOf(start)))) {
    throw new Error(`${starts.length} started, but ${lives.size} stopped or exited`);
  }
  for (const start of starts) {
    const early = ends.find((end) => lifeOf(end) === lifeOf(start) && end.timeUnixNano < start.timeUnixNano);
    if (early !== undefined) throw new Error(`${early.eventName} is older than ${start.eventName}`);
  }
}

/** A process, or a thread of it. */
function lifeOf({ resource, attributes }: ReceivedLogRecord): string {
  return JSON.stringify([resource['service.instance.id'], attributes['thread.id']]);
}

function toError(
  { severityText, severityNumber, attributes, traceId, spanId }: ReceivedLogRecord,
  spans: readonly ReceivedSpan[],
  program: string,
  stderr: string,
): EndingError {
  return {
    severity: `${severityText} ${severityNumber}`,
    type: text(attributes['exception.type']) ?? '',
    message: cut(text(attributes['exception.message']) ?? ''),
    span: spanId === '' ? undefined : (nameOf(spans, traceId, spanId) ?? 'a span that did not arrive'),
    stacktrace: judgeStacktrace(text(attributes['exception.stacktrace']), program, stderr),
  };
}

function judgeStacktrace(stacktrace: string | undefined, program: string, stderr: string): EndingError['stacktrace'] {
  if (stacktrace === undefined) return 'none';
  if (stderr.includes(stacktrace)) return 'as printed';
  return stacktrace.includes(program) ? 'of the program' : 'other';
}

function toSpan(span: ReceivedSpan, spans: readonly ReceivedSpan[]): EndingSpan {
  const { name, traceId, parentSpanId, attributes, events, status } = span;
  const exceptions = events.filter((event) => event.name === 'exception');
  const code = STATUS[status.code] ?? String(status.code);
  if (span.startTimeUnixNano === 0n || span.endTimeUnixNano < span.startTimeUnixNano) {
    throw new Error(`span ${name}: starts at ${span.startTimeUnixNano} and ends at ${span.endTimeUnixNano}`);
  }
  return {
    name,
    parent: parentSpanId === '' ? undefined : (nameOf(spans, traceId, parentSpanId) ?? 'a span that did not arrive'),
    count: 1,
    interrupted: attributes['swansong.span.interrupted'] === true,
    status: status.message === '' ? code : `${code}: ${cut(status.message)}`,
    errorType: text(attributes['error.type']),
    exceptions: exceptions.map(
      (event) =>
        `${text(event.attributes['exception.type'])}: ${cut(text(event.attributes['exception.message']) ?? '')}`,
    ),
  };
}

function nameOf(spans: readonly ReceivedSpan[], traceId: string, spanId: string): string | undefined {
  return spans.find((span) => span.traceId === traceId && span.spanId === spanId)?.name;
}

function alikeAsOne(spans: readonly EndingSpan[]): EndingSpan[] {
  const kinds = new Map<string, EndingSpan>();
  for (const span of spans) {
    const key = JSON.stringify(span);
    kinds.set(key, { ...span, count: (kinds.get(key)?.count ?? 0) + 1 });
  }
  return [...kinds.values()];
}

/** An order that both sides of a comparison can have. */
export function byText(left: object, right: object): number {
  const [a, b] = [JSON.stringify(left), JSON.stringify(right)];
  return a < b ? -1 : Number(a > b);
}

export function byNumber(left: number, right: number): number {
  return left - right;
}

/** The first line, without the folder that the tests happen to be in. */
function cut(message: string): string {
  const [line = ''] = message.replaceAll(FOLDER, '.').split('\n', 1);
  return line.length > MESSAGE_CHARACTERS ? `${line.slice(0, MESSAGE_CHARACTERS)}…` : line;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
