import type { ClientRequest, IncomingMessage } from 'node:http';
import {
  type Attributes,
  context,
  type Histogram,
  type Meter,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { monotonicMillis } from '../../clock/clock.ts';
import { DURATION_BUCKETS } from './request-duration.ts';
import { destinationOf } from './destination.ts';
import { methodAttributes, methodName } from './http-method.ts';
import { addToRenderedHead } from './rendered-head.ts';
import { failureOf } from './request-failure.ts';
import { subscribe } from '../subscribe.ts';

/** A request under way, and what came back so far. */
interface Call {
  readonly span: Span;
  readonly startedAt: number;
  readonly metricAttributes: Attributes;
  response?: IncomingMessage;
  error?: Error;
}

/**
 * Spans, durations and propagation of what `node:http` and `node:https` request, by Node's diagnostics channels; nothing is
 * patched. The response's listeners run in the context of the request by themselves.
 */
export function instrumentOutgoingHttp(tracer: Tracer, meter: Meter): void {
  const durations = meter.createHistogram('http.client.request.duration', {
    description: 'Duration of HTTP client requests.',
    unit: 's',
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  });
  const calls = new WeakMap<object, Call>();

  // Published at the end of the request's constructor (Node 22.12): its headers can still be set.
  subscribe('http.client.request.created', (message) => {
    const request = 'request' in message && isClientRequest(message.request) ? message.request : undefined;
    if (request === undefined || isTracingSuppressed(context.active())) return;
    const call = startCall(request, tracer);
    calls.set(request, call);
    request.once('close', () => endCall(call, durations));
  });
  // Despite its name: the head of the response has arrived.
  subscribe('http.client.response.finish', (message) => {
    if (!('request' in message && 'response' in message)) return;
    const call =
      typeof message.request === 'object' && message.request !== null ? calls.get(message.request) : undefined;
    if (call !== undefined && isIncomingMessage(message.response)) onResponse(call, message.response);
  });
  subscribe('http.client.request.error', (message) => {
    if (!('request' in message && 'error' in message)) return;
    const call =
      typeof message.request === 'object' && message.request !== null ? calls.get(message.request) : undefined;
    if (call !== undefined && message.error instanceof Error) call.error = message.error;
  });
}

function startCall(request: ClientRequest, tracer: Tracer): Call {
  const startedAt = monotonicMillis();
  const method = methodAttributes(request.method);
  const { address, port, isFile, url } = destinationOf(request);
  const server = { 'server.address': address, ...(port === undefined ? {} : { 'server.port': port }) };
  const span = tracer.startSpan(methodName(method), {
    kind: SpanKind.CLIENT,
    attributes: { ...method, ...server, 'url.full': url, ...(isFile ? { 'network.peer.address': address } : {}) },
  });
  inject(request, span);
  return { span, startedAt, metricAttributes: { 'http.request.method': method['http.request.method'], ...server } };
}

function inject(request: ClientRequest, span: Span): void {
  propagation.inject(trace.setSpan(context.active(), span), request, {
    set: (carrier, name, value) => {
      if (carrier.headersSent) addToRenderedHead(carrier, name, value);
      else carrier.setHeader(name, value);
    },
  });
}

/** The peer is known now and no longer at the end, when the connection may be gone. */
function onResponse(call: Call, response: IncomingMessage): void {
  call.response = response;
  const { remoteAddress, remotePort } = response.socket;
  if (remoteAddress !== undefined) call.span.setAttribute('network.peer.address', remoteAddress);
  if (remotePort !== undefined) call.span.setAttribute('network.peer.port', remotePort);
}

function endCall({ span, startedAt, metricAttributes, response, error }: Call, durations: Histogram): void {
  const outcome: Attributes = {};
  if (response !== undefined) {
    outcome['http.response.status_code'] = response.statusCode;
    outcome['network.protocol.version'] = response.httpVersion;
  }
  const failure = failureOf(error, response);
  if (failure !== undefined) outcome['error.type'] = failure.type;
  if (span.isRecording()) {
    span.setAttributes(outcome);
    if (failure !== undefined) {
      const { message } = failure;
      span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
    }
  }
  span.end();
  durations.record((monotonicMillis() - startedAt) / 1000, { ...metricAttributes, ...outcome });
}

function isClientRequest(value: unknown): value is ClientRequest {
  return typeof value === 'object' && value !== null && 'setHeader' in value && 'path' in value && 'host' in value;
}

function isIncomingMessage(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'statusCode' in value && 'httpVersion' in value;
}
