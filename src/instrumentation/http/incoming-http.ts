import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  type Attributes,
  type Context,
  context,
  type Histogram,
  type Meter,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { getRPCMetadata, isTracingSuppressed, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { monotonicMillis } from '../../clock/clock.ts';
import { beforeEmit } from '../../node-internals/before-emit.ts';
import { createRequestDurations } from './request-duration.ts';
import { OpenExchanges } from './open-exchanges.ts';
import { readForwarded } from './forwarded.ts';
import { parseHostAndPort } from './host-and-port.ts';
import { methodAttributes, methodName } from './http-method.ts';
import { redactQuery } from './redact-query.ts';
import { httpScheme, parseRequestTarget } from '../../request/request-target.ts';
import { subscribe } from '../subscribe.ts';
import { isUntraced } from '../../otlp/untraced.ts';
import { read } from '../../values/read.ts';

interface RequestStarted {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly server?: unknown;
}

/** The RPC metadata of `@opentelemetry/core`, into which instrumentations of frameworks write the route. */
interface RpcMetadata {
  type: RPCType.HTTP;
  span: Span;
  route?: string;
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
  const attributes = requestAttributes(request);
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
    const outcome = responseAttributes(response, rpc.route);
    if (span.isRecording()) {
      if (rpc.route !== undefined) span.updateName(`${name} ${rpc.route}`);
      // An error that was recorded on the span is more specific than the status code of the response.
      const recorded = recordedErrorType(span);
      if (recorded !== undefined) outcome['error.type'] = recorded;
      else if (outcome['error.type'] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttributes(outcome);
    }
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

function requestAttributes(request: IncomingMessage): Attributes {
  const { headers, socket, httpVersion } = request;
  const forwarded = readForwarded(headers);
  const target = parseRequestTarget(request.method ?? 'GET', request.url ?? '/');
  // RFC 9112, section 3.2.2: a target in absolute form overrides the Host header.
  const server = forwarded.host ?? parseHostAndPort(target.authority ?? headers.host ?? '');
  const attributes: Attributes = {
    'url.scheme': forwarded.scheme ?? httpScheme(target.scheme) ?? ('encrypted' in socket ? 'https' : 'http'),
    'url.path': target.path,
    'network.protocol.version': httpVersion,
  };
  if (target.query !== undefined && target.query !== '') attributes['url.query'] = redactQuery(target.query);
  if (server !== undefined) attributes['server.address'] = server.host;
  if (server?.port !== undefined) attributes['server.port'] = server.port;
  if (socket.remoteAddress !== undefined) attributes['network.peer.address'] = socket.remoteAddress;
  if (socket.remotePort !== undefined) attributes['network.peer.port'] = socket.remotePort;
  const client = forwarded.client ?? socket.remoteAddress;
  if (client !== undefined) attributes['client.address'] = client;
  if (headers['user-agent'] !== undefined) attributes['user_agent.original'] = headers['user-agent'];
  return attributes;
}

/** Without a status code if no headers were sent because the client disconnected first. */
function responseAttributes(response: ServerResponse, route: string | undefined): Attributes {
  const attributes: Attributes = {};
  if (response.headersSent) {
    attributes['http.response.status_code'] = response.statusCode;
    if (response.statusCode >= 500) attributes['error.type'] = String(response.statusCode);
  }
  if (route !== undefined) attributes['http.route'] = route;
  return attributes;
}

/** Undefined for the API's own spans, which have no `attributes`. */
function recordedErrorType(span: Span): string | undefined {
  const type = read(read(span, 'attributes'), 'error.type');
  return typeof type === 'string' ? type : undefined;
}

function isRequestStarted(message: object): message is RequestStarted {
  return 'request' in message && 'response' in message && 'socket' in message;
}
