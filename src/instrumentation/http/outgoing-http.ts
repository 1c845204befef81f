import type { ClientRequest, IncomingMessage } from 'node:http';
import { context, type Meter, type Tracer } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { beforeEmit } from '../../node-internals/before-emit.ts';
import { type ClientCall, createClientCalls } from './client-call.ts';
import { destinationOf } from './destination.ts';
import { addToRenderedHead } from '../../node-internals/rendered-head.ts';
import { failureOf, type Thrown } from './request-failure.ts';
import { subscribe } from '../subscribe.ts';
import { isObject } from '../../values/is-object.ts';

/** A request in progress, with its response or error so far. */
interface Outgoing {
  readonly call: ClientCall;
  response?: IncomingMessage;
  thrown?: Thrown;
}

/**
 * Spans, durations and propagation of the requests that `node:http` and `node:https` make, by Node's diagnostics channels;
 * no function is wrapped. Node runs the response's listeners in the context of the request.
 */
export function instrumentOutgoingHttp(tracer: Tracer, meter: Meter): void {
  const startCall = createClientCalls(tracer, meter);
  const inProgress = new WeakMap<object, Outgoing>();

  // Published at the end of the request's constructor (Node 22.12): its headers can still be set.
  subscribe('http.client.request.created', (message) => {
    const request = 'request' in message && isClientRequest(message.request) ? message.request : undefined;
    if (request === undefined || isTracingSuppressed(context.active())) return;
    const outgoing: Outgoing = { call: startCall(request.method, destinationOf(request)) };
    inProgress.set(request, outgoing);
    whenClosed(request, () => endCall(outgoing));
    outgoing.call.propagate((name, value) => {
      if (request.headersSent) addToRenderedHead(request, name, value);
      else request.setHeader(name, value);
    });
  });
  // Despite its name: the head of the response has arrived.
  subscribe('http.client.response.finish', (message) => {
    if (!('request' in message && 'response' in message)) return;
    const outgoing = isObject(message.request) ? inProgress.get(message.request) : undefined;
    if (outgoing === undefined || !isIncomingMessage(message.response)) return;
    outgoing.response = message.response;
    // Read now: at the end the connection may be closed.
    outgoing.call.connected(message.response.socket);
  });
  subscribe('http.client.request.error', (message) => {
    if (!('request' in message && 'error' in message) || !isClientRequest(message.request)) return;
    const outgoing = inProgress.get(message.request);
    // Read here: at `close` every request is destroyed.
    if (outgoing !== undefined) outgoing.thrown = { error: message.error, wasDestroyed: message.request.destroyed };
  });
}

/** Without a listener, which the application would see among its own. */
function whenClosed(request: ClientRequest, end: () => void): void {
  const { ClientRequest: Class } = process.getBuiltinModule('node:http');
  let ended = false;
  const watches = beforeEmit(request, Class.prototype, () => {
    if (ended || !request.closed) return;
    ended = true;
    end();
  });
  if (!watches) request.once('close', end);
}

function endCall({ call, response, thrown }: Outgoing): void {
  call.end({
    statusCode: response?.statusCode,
    protocolVersion: response?.httpVersion,
    failure: failureOf(thrown, response),
  });
}

function isClientRequest(value: unknown): value is ClientRequest {
  return isObject(value) && 'setHeader' in value && 'path' in value && 'host' in value;
}

function isIncomingMessage(value: unknown): value is IncomingMessage {
  return isObject(value) && 'statusCode' in value && 'httpVersion' in value;
}
