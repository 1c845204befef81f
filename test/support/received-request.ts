import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { Signal } from './behaviour.ts';
import { decodeRequest } from './decode-request.ts';
import { flattenLogRecords, flattenMetrics, flattenSpans, type OtlpRequest } from './flatten-otlp.ts';
import type { ReceivedLogRecord, ReceivedMetric, ReceivedSpan } from './received-telemetry.ts';

/** A request that was read to its end. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** `undefined` for a path that is none of OTLP's. */
  readonly signal: Signal | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Without parameters; empty where none was sent. */
  readonly contentType: string;
  /** `identity` where none was sent. */
  readonly encoding: string;
  /** Length of the body on the wire. */
  readonly bytes: number;
  /** `performance.now()` when its last byte had been read. */
  readonly at: number;
  /** Common name of the client's certificate. */
  readonly client: string | undefined;
  /** In the JSON form of OTLP; empty where it could not be decoded. */
  readonly body: OtlpRequest;
  /** Why it could not be decoded. Such a request is answered with 400, or 404 for its path. */
  readonly problem: string | undefined;
  /** The status, once a complete answer has been handed to the operating system. */
  readonly answered: number | undefined;
}

interface Items {
  spans: readonly ReceivedSpan[];
  logRecords: readonly ReceivedLogRecord[];
  metrics: readonly ReceivedMetric[];
}

/** A request with its items, and what became of them. */
export interface Received extends Readonly<Items> {
  request: ReceivedRequest;
  /** How many of its items, from the first, were acknowledged. */
  acknowledged: number;
}

const SIGNALS: ReadonlyMap<string, Signal> = new Map([
  ['/v1/traces', 'traces'],
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
]);

/** Decodes a request whose body has been read; `index` is its position in `backend.requests`. */
export function receive(request: IncomingMessage, wire: Buffer, index: number): Received {
  const path = request.url ?? '';
  const signal = SIGNALS.get(path);
  const contentType = (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const items: Items = { spans: [], logRecords: [], metrics: [] };
  let body: OtlpRequest = {};
  let problem: string | undefined;
  try {
    if (signal === undefined) throw new Error(`expected a path of OTLP (got ${path})`);
    body = decodeRequest(signal, contentType, encoding === 'gzip' ? gunzipSync(wire) : wire);
    items.spans = flattenSpans(body, index);
    items.logRecords = flattenLogRecords(body, index);
    items.metrics = flattenMetrics(body, index);
  } catch (error) {
    problem = String(error);
  }
  return {
    request: {
      method: request.method ?? '',
      path,
      signal,
      headers: request.headers,
      contentType,
      encoding,
      bytes: wire.length,
      at: performance.now(),
      client: commonName(request),
      body,
      problem,
      answered: undefined,
    },
    ...items,
    acknowledged: 0,
  };
}

function commonName({ socket }: IncomingMessage): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const name = socket.getPeerCertificate().subject?.CN;
  return Array.isArray(name) ? name.join(', ') : name;
}

export function itemCount({ spans, logRecords, metrics }: Received): number {
  return spans.length + logRecords.length + metrics.length;
}

/** One line for messages. */
export function describeReceived(received: Received): string {
  const { request, spans, logRecords, metrics, acknowledged } = received;
  const names = [
    ...spans.map(({ name }) => name),
    ...logRecords.map(({ eventName, body }) => (eventName === '' ? inspect(body) : eventName)),
    ...metrics.map(({ name }) => name),
  ];
  const shown = names.length > 8 ? [...names.slice(0, 8), `${names.length - 8} more`] : names;
  return [
    `${request.method} ${request.path}`,
    `${request.bytes} bytes ${request.contentType} ${request.encoding}`,
    request.answered === undefined ? 'no complete answer' : `answered ${request.answered}`,
    `${acknowledged} of ${names.length} acknowledged: ${shown.join(', ')}`,
    ...(request.problem === undefined ? [] : [request.problem]),
  ].join(', ');
}
