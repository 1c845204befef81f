import type { Histogram, Meter, Tracer } from '@opentelemetry/api';
import { errorType } from '../../errors/error-type.ts';
import { read, readText } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import {
  connectionOf,
  type Http2Stream,
  isHeaders,
  isPushed,
  schemeOf,
  statusOf,
  streamOf,
  watchStream,
} from './http2-stream.ts';
import { createRequestDurations } from './request-duration.ts';
import { startServerRequest } from './server-request.ts';

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
  const verb = readText(headers, ':method');
  // CONNECT opens a tunnel (a WebSocket), which is no request with a response.
  if (!isHeaders(headers) || verb === undefined || verb === 'CONNECT') return;
  const served = startServerRequest(
    {
      method: verb,
      target: readText(headers, ':path') ?? '/',
      scheme: schemeOf(stream),
      host: readText(headers, ':authority') ?? headers.host,
      headers,
      peer: connectionOf(stream),
      protocolVersion: '2',
    },
    tracer,
    durations,
  );
  if (served === undefined) return;
  served.attach();
  watchStream(
    stream,
    () => served.enter(),
    () => {
      const failure = errors.has(stream) ? errorType(errors.get(stream)) : undefined;
      served.end(statusOf(read(stream, 'sentHeaders')), failure);
    },
  );
}
