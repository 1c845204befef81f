import type { Meter, Tracer } from '@opentelemetry/api';
import type { AnsweredErrors } from '../../errors/answered-errors.ts';
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
import { linkRequest } from '../routes/request-route.ts';
import { type ServerTelemetry, startServerRequest } from './server-request.ts';

/**
 * Spans and durations of the requests that `node:http2` serves, by Node's diagnostics channels (Node 22.23, 24 and later publish
 * them), the same as for `node:http`. A request by HTTP/1 to a server with `allowHTTP1` is one of `node:http`.
 */
export function instrumentIncomingHttp2(tracer: Tracer, meter: Meter, errors?: AnsweredErrors): void {
  const telemetry = { tracer, durations: createRequestDurations(meter, 'server'), errors };
  const failures = new WeakMap<Http2Stream, unknown>();
  // Published in the turn that schedules the event `stream`: the context that is entered here is the one that the handler runs in.
  subscribe('http2.server.stream.start', (message) => {
    const stream = streamOf(message);
    const headers = read(message, 'headers');
    if (stream !== undefined && !isPushed(stream)) onStream(stream, headers, telemetry, failures);
  });
  subscribe('http2.server.stream.error', (message) => {
    const stream = streamOf(message);
    if (stream !== undefined) failures.set(stream, read(message, 'error'));
  });
}

function onStream(
  stream: Http2Stream,
  headers: unknown,
  telemetry: ServerTelemetry,
  failures: WeakMap<Http2Stream, unknown>,
): void {
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
    telemetry,
  );
  if (served === undefined) return;
  linkRequest(stream, served);
  served.attach();
  watchStream(
    stream,
    () => served.enter(),
    () => {
      served.end({
        status: statusOf(read(stream, 'sentHeaders')),
        isComplete: read(stream, 'writableFinished') === true,
        errorType: failures.has(stream) ? errorType(failures.get(stream)) : undefined,
      });
    },
  );
}
