import { context, type Meter, type Tracer } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { isObject } from '../../values/is-object.ts';
import { read, readText } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import { type ClientCall, createClientCalls } from './client-call.ts';
import { destinationOfUrl } from './destination.ts';
import { connectionOf, type Http2Stream, isPushed, schemeOf, statusOf, streamOf, watchStream } from './http2-stream.ts';
import { type Failure, failureOfStatus, failureOfStream } from './request-failure.ts';

/** A stream in progress, and its state so far. */
interface Outgoing {
  readonly call: ClientCall;
  statusCode?: number;
  error?: { readonly value: unknown };
}

/**
 * Spans and durations of the streams that `node:http2` opens, by Node's diagnostics channels (Node 22.23, 24 and later publish
 * them). The headers are ready to be sent before anything is published, so that they cannot carry the context.
 */
export function instrumentOutgoingHttp2(tracer: Tracer, meter: Meter): void {
  const startCall = createClientCalls(tracer, meter);
  const inProgress = new WeakMap<Http2Stream, Outgoing>();
  const onStream = (
    channel: string,
    listener: (outgoing: Outgoing, message: object, stream: Http2Stream) => void,
  ): void =>
    subscribe(channel, (message) => {
      const stream = streamOf(message);
      const outgoing = stream === undefined ? undefined : inProgress.get(stream);
      if (stream !== undefined && outgoing !== undefined) listener(outgoing, message, stream);
    });

  // With a connection that is open already, `start` comes first.
  subscribe('http2.client.stream.created', (message) => {
    const stream = streamOf(message);
    const headers = read(message, 'headers');
    const method = readText(headers, ':method') ?? 'GET';
    if (stream === undefined || isPushed(stream) || method === 'CONNECT') return;
    if (isTracingSuppressed(context.active()) || isOfUndici(read(stream, 'session'))) return;
    const origin = originOf(stream, headers);
    const destination =
      origin === undefined ? undefined : destinationOfUrl(origin, method, readText(headers, ':path') ?? '/');
    if (destination === undefined) return;
    const outgoing: Outgoing = { call: startCall(method, destination) };
    inProgress.set(stream, outgoing);
    watchStream(
      stream,
      () => {},
      () => {
        const { call, statusCode } = outgoing;
        call.end({ statusCode, protocolVersion: '2', failure: failureIn(outgoing) });
      },
    );
    const connection = connectionOf(stream);
    if (connection !== undefined) outgoing.call.connected(connection);
  });
  onStream('http2.client.stream.start', ({ call }, _message, stream) => {
    const connection = connectionOf(stream);
    if (connection !== undefined) call.connected(connection);
  });
  // Despite its name: the head of the response has arrived.
  onStream('http2.client.stream.finish', (outgoing, message) => {
    const status = statusOf(read(message, 'headers'));
    if (status !== undefined) outgoing.statusCode = status;
  });
  onStream('http2.client.stream.error', (outgoing, message) => {
    outgoing.error = { value: read(message, 'error') };
  });
}

function failureIn({ statusCode, error }: Outgoing): Failure | undefined {
  return (error === undefined ? undefined : failureOfStream(error.value)) ?? failureOfStatus(statusCode);
}

function originOf(stream: Http2Stream, headers: unknown): URL | undefined {
  const authority = readText(headers, ':authority') ?? readText(headers, 'host');
  const scheme = readText(headers, ':scheme') ?? schemeOf(stream);
  return authority === undefined ? undefined : (URL.parse(`${scheme}://${authority}`) ?? undefined);
}

const sessionsOfUndici = new WeakMap<object, boolean>();

/** `fetch` and undici, which publish their requests themselves, mark their sessions with symbols of their own. Seen on Node 22, 24, 26. */
function isOfUndici(session: unknown): boolean {
  if (!isObject(session)) return false;
  const known = sessionsOfUndici.get(session);
  if (known !== undefined) return known;
  const is = Object.getOwnPropertySymbols(session).some(({ description }) => description === 'open streams');
  sessionsOfUndici.set(session, is);
  return is;
}
