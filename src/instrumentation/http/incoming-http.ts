import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Meter, Tracer } from '@opentelemetry/api';
import type { AnsweredErrors } from '../../errors/answered-errors.ts';
import { beforeEmit } from '../../node-internals/before-emit.ts';
import { createRequestDurations } from './request-duration.ts';
import { OpenExchanges } from './open-exchanges.ts';
import { findRoute, linkRequest } from '../routes/request-route.ts';
import { type ReceivedRequest, type ServerTelemetry, startServerRequest } from './server-request.ts';
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
export function instrumentIncomingHttp(tracer: Tracer, meter: Meter, errors?: AnsweredErrors): void {
  const telemetry = { tracer, durations: createRequestDurations(meter, 'server'), errors };
  const exchanges = new OpenExchanges();
  // Published in the turn that then emits `request`: the context that is entered here is the one the handler runs in.
  subscribe('http.server.request.start', (message) => {
    if (isRequestStarted(message) && !isUntraced(message.server)) onRequest(message, telemetry, exchanges);
  });
  subscribe('http.server.response.finish', (message) => {
    if (isRequestStarted(message)) finishing = message.response;
  });
}

/** The last response for which Node has begun to call the listeners of `finish`, until its `close`. */
let finishing: ServerResponse | undefined;

let classes:
  | { readonly IncomingMessage: typeof IncomingMessage; readonly ServerResponse: typeof ServerResponse }
  | undefined;

function onRequest(exchange: RequestStarted, telemetry: ServerTelemetry, exchanges: OpenExchanges): void {
  const { request, response, socket } = exchange;
  const served = startServerRequest(received(request), telemetry);
  if (served === undefined) return;
  linkRequest(request, served);
  served.attach();
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    noLongerOpen();
    const status = response.headersSent ? response.statusCode : undefined;
    const route = served.route ?? findRoute(request);
    served.end({ status, isComplete: response.writableFinished, route });
  };
  const noLongerOpen = exchanges.add(socket, end);
  // Loaded by then; looked up once, which is a part of what a request costs.
  classes ??= process.getBuiltinModule('node:http');
  beforeEmit(request, classes.IncomingMessage.prototype, () => served.enter());
  const watches = beforeEmit(response, classes.ServerResponse.prototype, () => {
    if (response.closed) {
      served.attach();
      if (finishing === response) finishing = undefined;
      end();
    } else if (!isHandedTheConnection(request, response)) served.enter();
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
