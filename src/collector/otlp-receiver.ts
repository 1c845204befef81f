import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BodyBudget, BodyLease } from './body-budget.ts';
import type { CanonicalMessage } from './canonical.ts';
import type { JsonlStorage } from './jsonl-storage.ts';
import { contentTypes, decode, type Encoding } from './otlp-codec.ts';
import { type Refusal, unavailable } from './refusal.ts';
import { type BodyLimits, gunzip, readBody } from './request-body.ts';
import { encodeRefusal } from './rpc-status.ts';
import type { Signal, SignalName } from './signals.ts';

export interface SignalCounts {
  /** Requests answered 200. */
  readonly requests: number;
  /** Spans, metric data points or log records in them. */
  readonly items: number;
  /** Requests answered with anything else. */
  readonly refused: number;
}

export type Counts = Readonly<Record<SignalName, SignalCounts>>;

export interface ReceiverParts {
  readonly signals: readonly Signal[];
  readonly storage: JsonlStorage;
  readonly budget: BodyBudget;
  readonly limits: BodyLimits;
  /** What `GET /` answers. */
  readonly about: string;
  readonly report: (line: string) => void;
}

/** What became of a request. */
type Outcome =
  | { readonly kind: 'accepted'; readonly items: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'abandoned' };

const GZIP = new Set(['gzip', 'x-gzip']);
/** A full disk or a lost folder takes a person to mend. */
const RETRY_SECONDS = 5;
const EMPTY_LINE = Buffer.from('{}\n');
/** An Export…ServiceResponse without partial success. */
const ACCEPTED: Readonly<Record<Encoding, Buffer>> = { protobuf: Buffer.alloc(0), json: Buffer.from('{}') };

interface Prepared {
  readonly kind: 'prepared';
  readonly line: Buffer;
  readonly items: number;
}

/** OTLP/HTTP: takes requests, has them decoded and stored, answers. */
export class OtlpReceiver {
  readonly #parts: ReceiverParts;
  readonly #byPath: ReadonlyMap<string, Signal>;
  readonly #counts: Record<SignalName, { requests: number; items: number; refused: number }>;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
    this.#byPath = new Map(parts.signals.map((signal) => [signal.path, signal]));
    const zero = () => ({ requests: 0, items: 0, refused: 0 });
    this.#counts = { traces: zero(), metrics: zero(), logs: zero() };
  }

  counts(): Counts {
    return structuredClone(this.#counts);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0] ?? '';
    // The response is in the encoding of the request; where that is unknown, in the one a person can read.
    const encoding = encodingOf(request);
    const refuse = (refusal: Refusal): void => answerRefusal(response, encoding ?? 'json', refusal);

    if (path === '/') return this.#introduce(request, response, refuse);
    const signal = this.#byPath.get(path);
    if (signal === undefined) {
      const known = Array.from(this.#byPath.keys()).join(', ');
      return refuse({ status: 404, message: `${path}: nothing is here; OTLP/HTTP is at ${known}` });
    }
    const counts = this.#counts[signal.name];
    const outcome = await this.#receive(signal, encoding, request);
    if (outcome.kind === 'abandoned') return;
    if (outcome.kind === 'refused') {
      counts.refused++;
      return refuse(outcome.refusal);
    }
    counts.requests++;
    counts.items += outcome.items;
    answer(response, 200, encoding ?? 'json', ACCEPTED[encoding ?? 'json']);
  }

  #introduce(request: IncomingMessage, response: ServerResponse, refuse: (refusal: Refusal) => void): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(notAllowed(request, 'GET, HEAD'));
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(this.#parts.about);
  }

  async #receive(signal: Signal, encoding: Encoding | undefined, request: IncomingMessage): Promise<Outcome> {
    if (request.method !== 'POST') return refused(notAllowed(request, 'POST'));
    if (encoding === undefined) return refused(unknownType(request));
    const coding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    if (coding !== 'identity' && coding !== '' && !GZIP.has(coding)) return refused(unknownCoding(coding));

    const lease = this.#parts.budget.lease();
    try {
      const prepared = await this.#prepare(signal, encoding, GZIP.has(coding), request, lease);
      if (prepared.kind !== 'prepared') return prepared;
      lease.force(prepared.line.length);
      return await this.#store(signal, prepared);
    } catch (error) {
      // A bug of ours. 503 and not 500: after a 500 clients throw the data away.
      this.#parts.report(`${signal.path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return refused(unavailable('an internal error; nothing of this request was stored', RETRY_SECONDS));
    } finally {
      lease.release();
    }
  }

  /**
   * From a request to the line that is stored. Decompressing and decoding are synchronous, so one request at a time is held
   * decoded; and they end with this call, so that the body is not held while its line waits for the disk.
   */
  async #prepare(
    signal: Signal,
    encoding: Encoding,
    isGzip: boolean,
    request: IncomingMessage,
    lease: BodyLease,
  ): Promise<Prepared | Outcome> {
    const { limits } = this.#parts;
    const received = await readBody(request, limits, lease);
    const body = received.ok && isGzip ? gunzip(received.bytes, limits.maxBytes) : received;
    if (!body.ok) return body.refusal === undefined ? { kind: 'abandoned' } : refused(body.refusal);
    const decoded = decode(encoding, signal.message, body.bytes);
    if (!decoded.ok) return refused(decoded.refusal);
    const line = lineOf(decoded.data);
    if (line === undefined) {
      return refused({
        status: 413,
        message: 'the request is too large to be written as JSON; nothing of it was stored',
      });
    }
    return { kind: 'prepared', line, items: signal.countItems(decoded.data) };
  }

  async #store(signal: Signal, { line, items }: Prepared): Promise<Outcome> {
    // OTLP allows an empty request and asks for success; there is nothing to store.
    if (line.equals(EMPTY_LINE)) return { kind: 'accepted', items };
    const stored = await this.#parts.storage.append(signal, line);
    if (stored.ok) return { kind: 'accepted', items };
    const message = `cannot write ${signal.file} (${stored.error.message}); nothing of this request was stored, try again`;
    return refused(unavailable(message, RETRY_SECONDS));
  }
}

/** JSON.stringify escapes every newline, so a line is a line. @returns undefined beyond the longest string, 2^29 characters */
function lineOf(data: CanonicalMessage): Buffer | undefined {
  try {
    return Buffer.from(`${JSON.stringify(data)}\n`);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function encodingOf(request: IncomingMessage): Encoding | undefined {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === contentTypes.protobuf) return 'protobuf';
  return type === contentTypes.json ? 'json' : undefined;
}

function refused(refusal: Refusal): Outcome {
  return { kind: 'refused', refusal };
}

function notAllowed(request: IncomingMessage, allow: string): Refusal {
  return { status: 405, message: `expected ${allow} (got ${request.method})`, headers: { allow } };
}

function unknownType(request: IncomingMessage): Refusal {
  const got = request.headers['content-type'];
  const expected = Object.values(contentTypes).join(' or ');
  return {
    status: 415,
    message: `content-type: expected ${expected} (got ${got === undefined ? 'none' : JSON.stringify(got)})`,
  };
}

function unknownCoding(coding: string): Refusal {
  return {
    status: 415,
    message: `content-encoding: expected gzip or identity (got ${JSON.stringify(coding)})`,
    headers: { 'accept-encoding': 'gzip, identity' },
  };
}

function answerRefusal(response: ServerResponse, encoding: Encoding, refusal: Refusal): void {
  answer(response, refusal.status, encoding, encodeRefusal(encoding, refusal), refusal.headers);
}

function answer(
  response: ServerResponse,
  status: number,
  encoding: Encoding,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': contentTypes[encoding], 'content-length': body.length, ...headers });
  response.end(body);
}
