import {
  type Context,
  context,
  type Histogram,
  type Meter,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { getRPCMetadata, isTracingSuppressed, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { monotonicMillis } from '../../clock/clock.ts';
import { errorType } from '../../errors/error-type.ts';
import { read } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import {
  connectionOf,
  type Http2Stream,
  isHeaders,
  isPushed,
  schemeOf,
  statusOf,
  streamOf,
  textIn,
  watchStream,
} from './http2-stream.ts';
import { methodAttributes, methodName } from './http-method.ts';
import { createRequestDurations } from './request-duration.ts';
import { describeOutcome, requestAttributes, responseAttributes, type RpcMetadata } from './server-request.ts';

const VERSION = '2';

/**
 * Spans and durations of the requests that `node:http2` serves, by Node's diagnostics channels (Node 22.23, 24 and later publish
 * them), the same as for `node:http`. A request by HTTP/1 to a server with `allowHTTP1` is one of `node:http`.
 */
export function instrumentIncomingHttp2(tracer: Tracer, meter: Meter): void {
  const durations = createRequestDurations(meter, 'server');
  const errors = new WeakMap<Http2Stream, unknown>();
  // Published in the turn that schedules the event `stream`: the context that is entered here is the one that the handler runs in.
  subscribe('http2.server.stream.start', (message) => {
    const stream = streamOf(message);
    const headers = read(message, 'headers');
    if (stream !== undefined && !isPushed(stream)) onStream(stream, headers, { tracer, durations, errors });
  });
  subscribe('http2.server.stream.error', (message) => {
    const stream = streamOf(message);
    if (stream !== undefined) errors.set(stream, read(message, 'error'));
  });
}

interface Telemetry {
  readonly tracer: Tracer;
  readonly durations: Histogram;
  readonly errors: WeakMap<Http2Stream, unknown>;
}

function onStream(stream: Http2Stream, headers: unknown, { tracer, durations, errors }: Telemetry): void {
  const verb = textIn(headers, ':method');
  // CONNECT opens a tunnel (a WebSocket), which is no request with a response.
  if (!isHeaders(headers) || verb === undefined || verb === 'CONNECT') return;
  const startedAt = monotonicMillis();
  const remote = propagation.extract(ROOT_CONTEXT, headers);
  if (isTracingSuppressed(remote)) return;
  const peer = connectionOf(stream);
  const attributes = requestAttributes({
    method: verb,
    target: textIn(headers, ':path') ?? '/',
    scheme: schemeOf(stream),
    host: textIn(headers, ':authority') ?? headers.host,
    headers,
    peer,
    protocolVersion: VERSION,
  });
  const method = methodAttributes(verb);
  const name = methodName(method);
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: { ...method, ...attributes } }, remote);
  const rpc: RpcMetadata = { type: RPCType.HTTP, span };
  const active = setRPCMetadata(trace.setSpan(remote, span), rpc);
  context.attach(active);
  const end = (): void => {
    const outcome = responseAttributes(statusOf(read(stream, 'sentHeaders')), rpc.route);
    if (outcome['error.type'] === undefined && errors.has(stream))
      outcome['error.type'] = errorType(errors.get(stream));
    describeOutcome(span, name, outcome);
    span.end();
    durations.record(
      (monotonicMillis() - startedAt) / 1000,
      {
        'http.request.method': method['http.request.method'],
        'url.scheme': attributes['url.scheme'],
        'network.protocol.version': VERSION,
        ...outcome,
      },
      active,
    );
  };
  watchStream(stream, () => enter(active, rpc), end);
}

/** Node emits what arrives later in the context of the connection. A context that was derived from the request's is kept. */
function enter(kept: Context, rpc: RpcMetadata): void {
  const active = context.active();
  if (active !== kept && getRPCMetadata(active) !== rpc) context.attach(kept);
}
