import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
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
import { beforeEmit } from '../../node-internals/before-emit.ts';
import { createRequestDurations } from './request-duration.ts';
import { OpenExchanges } from './open-exchanges.ts';
import { methodAttributes, methodName } from './http-method.ts';
import {
  describeOutcome,
  type ReceivedRequest,
  requestAttributes,
  responseAttributes,
  type RpcMetadata,
} from './server-request.ts';
import { subscribe } from '../subscribe.ts';
import { isUntraced } from '../../otlp/untraced.ts';

interface RequestStarted {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly server?: unknown;
}

/**
 * Spans and durations of the requests that `node:http` and `node:https` serve, by Node's diagnostics channels. Nothing is
 * wrapped: the stack trace of an error in a handler is the same as without swansong, and `http` is not loaded before the
 * application loads it.
 */
export function instrumentIncomingHttp(tracer: Tracer, meter: Meter): void {
  const durations = createRequestDurations(meter, 'server');
  const exchanges = new OpenExchanges();
  // Published in the turn that then emits `request`: the context that is entered here is the one the handler runs in.
  subscribe('http.server.request.start', (message) => {
    if (isRequestStarted(message) && !isUntraced(message.server)) onRequest(message, tracer, durations, exchanges);
  });
  subscribe('http.server.response.finish', (message) => {
    if (isRequestStarted(message)) finishing = message.response;
  });
}

/** The last response for which Node has begun to call the listeners of `finish`, until its `close`. */
let finishing: ServerResponse | undefined;

function onRequest(exchange: RequestStarted, tracer: Tracer, durations: Histogram, exchanges: OpenExchanges): void {
  const { request, response, socket } = exchange;
  const startedAt = monotonicMillis();
  // Not the active context: on a kept-alive connection that may be the context of the previous request.
  const remote = propagation.extract(ROOT_CONTEXT, request.headers);
  if (isTracingSuppressed(remote)) return;
  const attributes = requestAttributes(received(request));
  const method = methodAttributes(request.method ?? 'GET');
  const name = methodName(method);
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: { ...method, ...attributes } }, remote);
  const rpc: RpcMetadata = { type: RPCType.HTTP, span };
  const active = setRPCMetadata(trace.setSpan(remote, span), rpc);
  context.attach(active);
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    noLongerOpen();
    const outcome = responseAttributes(response.headersSent ? response.statusCode : undefined, rpc.route);
    describeOutcome(span, name, outcome);
    span.end();
    durations.record(
      (monotonicMillis() - startedAt) / 1000,
      {
        'http.request.method': method['http.request.method'],
        'url.scheme': attributes['url.scheme'],
        'network.protocol.version': request.httpVersion,
        ...outcome,
      },
      active,
    );
  };
  const noLongerOpen = exchanges.add(socket, end);
  const { IncomingMessage, ServerResponse } = process.getBuiltinModule('node:http');
  beforeEmit(request, IncomingMessage.prototype, () => enter(active, rpc));
  const watches = beforeEmit(response, ServerResponse.prototype, () => {
    if (response.closed) {
      context.attach(active);
      if (finishing === response) finishing = undefined;
      end();
    } else if (!isHandedTheConnection(request, response)) enter(active, rpc);
  });
  if (!watches) response.once('close', end);
}

/**
 * For pipelined requests. Node's own listener of `finish`, the first one, gives the connection to the next response, which then
 * emits events. Entering its context for these would replace that of the other `finish` listeners of the previous response.
 */
function isHandedTheConnection({ socket }: IncomingMessage, response: ServerResponse): boolean {
  if (finishing === undefined || finishing === response || finishing.req.socket !== socket) return false;
  return ['socket', 'prefinish', 'drain'].every((event) => response.listenerCount(event) === 0);
}

/**
 * Makes listeners run in the context of their request: Node emits later chunks of a body (since Node 24), and the events that the
 * end of a connection causes, in the context of the connection. A context that was derived from the request's is kept: `end()`
 * and other methods emit synchronously within code of the application.
 */
function enter(kept: Context, rpc: RpcMetadata): void {
  const active = context.active();
  if (active !== kept && getRPCMetadata(active) !== rpc) context.attach(kept);
}

function received(request: IncomingMessage): ReceivedRequest {
  const { method = 'GET', url = '/', headers, socket, httpVersion } = request;
  return {
    method,
    target: url,
    scheme: 'encrypted' in socket ? 'https' : 'http',
    host: headers.host,
    headers,
    peer: socket,
    protocolVersion: httpVersion,
  };
}

function isRequestStarted(message: object): message is RequestStarted {
  return 'request' in message && 'response' in message && 'socket' in message;
}
