import type { EndingError, EndingReceived, EndingSpan } from './endings-received.ts';

/** Ended by the application, all well. */
export function ended(name: string, facts: Partial<EndingSpan> = {}): EndingSpan {
  return {
    name,
    parent: undefined,
    count: 1,
    interrupted: false,
    status: 'unset',
    errorType: undefined,
    exceptions: [],
    ...facts,
  };
}

/** Open when the process ended, and not to blame for it. */
export function open(name: string, facts: Partial<EndingSpan> = {}): EndingSpan {
  return ended(name, { interrupted: true, ...facts });
}

/** What every program starts with: traceOthers() of test/fixtures/endings/tracing.mjs. */
export const OTHERS: readonly EndingSpan[] = [ended('finished'), open('unrelated')];

/** The spans of inQuery() when nothing went wrong in them. */
export const OPEN_QUERY: readonly EndingSpan[] = [open('request'), open('query', { parent: 'request' })];

interface Thrown {
  readonly message: string;
  /** Default `Error`. */
  readonly type?: string;
  /** Name of the span it belongs to; `null` for none. Default `query`. */
  readonly span?: string | null;
  readonly stacktrace?: EndingError['stacktrace'];
}

/** The process dies of it. */
export function fatal({ message, type = 'Error', span = 'query', stacktrace = 'as printed' }: Thrown): EndingError {
  return { severity: 'FATAL 21', type, message, span: span ?? undefined, stacktrace };
}

/** The process survives it, or it ended a worker thread and not the process. */
export function survived({
  message,
  type = 'Error',
  span = 'query',
  stacktrace = 'of the program',
}: Thrown): EndingError {
  return { severity: 'ERROR 17', type, message, span: span ?? undefined, stacktrace };
}

/** What an error leaves on the span it belongs to. */
export function marks({ message, type = 'Error' }: Thrown): Partial<EndingSpan> {
  return { status: `error: ${message}`, errorType: type, exceptions: [`${type}: ${message}`] };
}

/** What a fatal error leaves on the open ancestors of its span. */
export function marksAbove({ message }: Thrown): Partial<EndingSpan> {
  return { status: `error: ${message}` };
}

/** The spans of inQuery() after a fatal error in `query`. */
export function failedQuery(thrown: Thrown): readonly EndingSpan[] {
  return [open('request', marksAbove(thrown)), open('query', { parent: 'request', ...marks(thrown) })];
}

/** The spans of inQuery() after an error in `query` that the process survived, and which the application then ended. */
export function survivedQuery(thrown: Thrown): readonly EndingSpan[] {
  return [ended('request'), ended('query', { parent: 'request', ...marks(thrown) })];
}

export function received(errors: readonly EndingError[], ...spans: readonly (readonly EndingSpan[])[]): EndingReceived {
  return { errors, spans: spans.flat(), events: [], lines: 0 };
}

/** The same of a process that was shut down. */
export function stopped(what: EndingReceived): EndingReceived {
  return { ...what, events: ['swansong.process.stopping', 'swansong.process.stopped'] };
}

/** The same of a process that has logged by pino. */
export function logged(what: EndingReceived, lines: number): EndingReceived {
  return { ...what, lines };
}

/** The common case: an error in `query` that the process dies of. */
export function diesOf(thrown: Thrown): EndingReceived {
  return received([fatal(thrown)], OTHERS, failedQuery(thrown));
}

/** The other common case: nothing goes wrong, and two spans are open in the end beside `unrelated`. */
export const ENDS_QUIETLY: EndingReceived = received([], OTHERS, OPEN_QUERY);

/** Nothing was delivered while the process lived, and no JavaScript runs when it ends. */
export const NOTHING: EndingReceived = received([]);
