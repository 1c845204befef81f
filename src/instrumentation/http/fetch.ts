import { context, type Meter, type Tracer } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { isObject } from '../../values/is-object.ts';
import { type ClientCall, createClientCalls } from './client-call.ts';
import { destinationOfUrl } from './destination.ts';
import { failureOfFetch, failureOfStatus } from './request-failure.ts';
import { subscribe } from '../subscribe.ts';

/** undici's internal request, not the `Request` of `fetch()`. */
interface UndiciRequest {
  readonly method: string;
  readonly path: string;
  readonly origin: unknown;
  /** Names and values alternating; a text before undici 6. */
  headers: unknown;
  readonly addHeader?: (name: string, value: string) => unknown;
}

/** A request in progress, and its state so far. */
interface Fetching {
  readonly call: ClientCall;
  /** Whether head and body have been written. */
  wasSent: boolean;
  protocolVersion: string;
  statusCode?: number;
}

/**
 * Spans, durations and propagation of `fetch`, and of undici where the application brings its own, by undici's diagnostics
 * channels. The same is recorded as for `node:http`.
 */
export function instrumentFetch(tracer: Tracer, meter: Meter): void {
  const startCall = createClientCalls(tracer, meter);
  const inProgress = new WeakMap<object, Fetching>();
  const onRequest = (channel: string, listener: (fetching: Fetching, message: object) => void): void =>
    subscribe(channel, (message) => {
      const fetching = 'request' in message && isObject(message.request) ? inProgress.get(message.request) : undefined;
      if (fetching !== undefined) listener(fetching, message);
    });
  const end = (
    message: object,
    { call, statusCode, protocolVersion }: Fetching,
    failure = failureOfStatus(statusCode),
  ): void => {
    if ('request' in message && isObject(message.request)) inProgress.delete(message.request);
    call.end({ statusCode, protocolVersion: statusCode === undefined ? undefined : protocolVersion, failure });
  };

  subscribe('undici:request:create', (message) => {
    const request = 'request' in message && isUndiciRequest(message.request) ? message.request : undefined;
    if (request === undefined || isTracingSuppressed(context.active()) || hasNoEnd(request)) return;
    const origin = URL.parse(String(request.origin));
    const destination = origin === null ? undefined : destinationOfUrl(origin, request.method, request.path);
    if (destination === undefined) return;
    const call = startCall(request.method, destination);
    inProgress.set(request, { call, wasSent: false, protocolVersion: '1.1' });
    call.propagate((name, value) => setHeader(request, name, value));
  });
  onRequest('undici:client:sendHeaders', (fetching, message) => {
    if (!('socket' in message && isObject(message.socket))) return;
    fetching.call.connected(message.socket);
    if ('alpnProtocol' in message.socket && message.socket.alpnProtocol === 'h2') fetching.protocolVersion = '2';
  });
  onRequest('undici:request:bodySent', (fetching) => {
    fetching.wasSent = true;
  });
  // Also published for each informational response (1xx) before the final one.
  onRequest('undici:request:headers', (fetching, message) => {
    const status =
      'response' in message && isObject(message.response) ? Reflect.get(message.response, 'statusCode') : undefined;
    if (typeof status === 'number' && status >= 200) fetching.statusCode = status;
  });
  // The whole response has been read, whether or not it has trailers.
  onRequest('undici:request:trailers', (fetching, message) => end(message, fetching));
  onRequest('undici:request:error', (fetching, message) => {
    const error: unknown = 'error' in message ? message.error : undefined;
    end(message, fetching, failureOfFetch(error, fetching.wasSent));
  });
}

/** undici publishes nothing more for a connection that it hands over: that of a WebSocket, or the tunnel through a proxy. */
function hasNoEnd(request: UndiciRequest): boolean {
  return request.method === 'CONNECT' || Boolean(Reflect.get(request, 'upgrade'));
}

/** Replaces a header that the application set, as `node:http` does. @throws Error if undici does not allow it */
function setHeader(request: UndiciRequest, name: string, value: string): void {
  const start = `${name.toLowerCase()}:`;
  if (typeof request.headers === 'string') {
    const others = request.headers.split('\r\n').filter((line) => !line.toLowerCase().startsWith(start));
    request.headers = others.join('\r\n');
  } else if (Array.isArray(request.headers)) {
    for (let index = request.headers.length - 2; index >= 0; index -= 2) {
      const given: unknown = request.headers[index];
      if (typeof given === 'string' && `${given.toLowerCase()}:` === start) request.headers.splice(index, 2);
    }
  }
  if (request.addHeader !== undefined) request.addHeader(name, value);
  else if (Array.isArray(request.headers)) request.headers.push(name, value);
  else if (typeof request.headers === 'string') request.headers += `${name}: ${value}\r\n`;
}

function isUndiciRequest(value: unknown): value is UndiciRequest {
  return isObject(value) && ['method', 'path'].every((key) => typeof Reflect.get(value, key) === 'string');
}
