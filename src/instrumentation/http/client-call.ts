import { monotonicMillis } from '../../clock/clock.ts';
import {
  type Attributes,
  context,
  diag,
  type Histogram,
  type Meter,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { messageOf } from '../../values/thrown.ts';
import { seriesAttributes } from '../series-attributes.ts';
import type { Destination } from './destination.ts';
import { methodAttributes, methodName } from './http-method.ts';
import { createRequestDurations } from './request-duration.ts';
import type { Failure } from './request-failure.ts';
import { isFieldValue } from '../../values/field-value.ts';

/** The other end of a connection: the properties of a socket of Node. */
interface Peer {
  readonly remoteAddress?: unknown;
  readonly remotePort?: unknown;
}

export interface CallOutcome {
  readonly statusCode: number | undefined;
  readonly protocolVersion: string | undefined;
  readonly failure: Failure | undefined;
}

/** Starts the span of a request. */
export type StartCall = (method: string, destination: Destination) => ClientCall;

/** Spans, durations and propagation of outgoing requests; the same for every client. */
export function createClientCalls(tracer: Tracer, meter: Meter): StartCall {
  const durations = createRequestDurations(meter, 'client');
  return (method, destination) => new ClientCall(tracer, durations, method, destination);
}

/** A request in progress. */
export class ClientCall {
  readonly #durations: Histogram;
  readonly #span: Span;
  readonly #startedAt = monotonicMillis();
  readonly #metricAttributes: Attributes;

  constructor(tracer: Tracer, durations: Histogram, method: string, { address, port, isFile, url }: Destination) {
    const methods = methodAttributes(method);
    const server = { 'server.address': address, ...(port === undefined ? {} : { 'server.port': port }) };
    this.#durations = durations;
    this.#metricAttributes = { 'http.request.method': methods['http.request.method'], ...server };
    this.#span = tracer.startSpan(methodName(methods), {
      kind: SpanKind.CLIENT,
      attributes: { ...methods, ...server, 'url.full': url, ...(isFile ? { 'network.peer.address': address } : {}) },
    });
  }

  /**
   * Sets the headers that carry this request's context. One that cannot be set is left out, with a warning: an error that is
   * thrown within a diagnostics channel would end the process.
   */
  propagate(setHeader: (name: string, value: string) => void): void {
    const set = (_carrier: unknown, name: string, value: string): void => {
      try {
        if (value === '' || !isFieldValue(value)) throw new TypeError('HTTP does not allow its value');
        setHeader(name, value);
      } catch (error) {
        diag.warn(`the header ${name} is left out of a request: ${messageOf(error)}`);
      }
    };
    propagation.inject(trace.setSpan(context.active(), this.#span), undefined, { set });
  }

  connected({ remoteAddress, remotePort }: Peer): void {
    if (typeof remoteAddress === 'string') this.#span.setAttribute('network.peer.address', remoteAddress);
    if (typeof remotePort === 'number') this.#span.setAttribute('network.peer.port', remotePort);
  }

  end({ statusCode, protocolVersion, failure }: CallOutcome): void {
    const outcome: Attributes = {};
    if (statusCode !== undefined) outcome['http.response.status_code'] = statusCode;
    if (protocolVersion !== undefined) outcome['network.protocol.version'] = protocolVersion;
    if (failure !== undefined) outcome['error.type'] = failure.type;
    if (this.#span.isRecording()) {
      this.#span.setAttributes(outcome);
      if (failure !== undefined) {
        const { message } = failure;
        this.#span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
      }
    }
    this.#span.end();
    const seconds = (monotonicMillis() - this.#startedAt) / 1000;
    this.#durations.record(seconds, seriesAttributes({ ...this.#metricAttributes, ...outcome }));
  }
}
