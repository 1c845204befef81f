import http, { type RequestListener } from 'node:http';
import { context, propagation, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { beforeEach, onTestFinished } from 'vitest';
import { instrumentFetch } from '../../../../src/instrumentation/http/fetch.ts';
import { instrumentIncomingHttp } from '../../../../src/instrumentation/http/incoming-http.ts';
import { instrumentIncomingHttp2 } from '../../../../src/instrumentation/http/incoming-http2.ts';
import { instrumentOutgoingHttp } from '../../../../src/instrumentation/http/outgoing-http.ts';
import { instrumentOutgoingHttp2 } from '../../../../src/instrumentation/http/outgoing-http2.ts';
import { listen } from '../../../support/http-server.ts';
import { waitFor } from '../../../support/wait-for.ts';

export const SERVER = 1;
export const CLIENT = 2;

export const spans: InMemorySpanExporter = new InMemorySpanExporter();
const metrics = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
export const tracer: Tracer = new TracerProvider({
  spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
}).getTracer('test');

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
instrumentIncomingHttp(tracer, meter);
instrumentOutgoingHttp(tracer, meter);
instrumentIncomingHttp2(tracer, meter);
instrumentOutgoingHttp2(tracer, meter);
instrumentFetch(tracer, meter);

export const serve = (listener: RequestListener): Promise<number> => listen(http.createServer(listener));

/** The spans of one kind, once there are that many. */
export const finished = (kind: number, count = 1): Promise<ReadableSpan[]> =>
  waitFor(() => {
    const found = spans.getFinishedSpans().filter((span) => span.kind === kind);
    return found.length === count ? found : undefined;
  }, `${count} spans of kind ${kind}`);

export async function onlySpan(kind: number): Promise<ReadableSpan> {
  const [span] = await finished(kind);
  if (span === undefined) throw new Error('no span');
  return span;
}

async function dataPoints() {
  metrics.reset();
  await reader.forceFlush();
  return metrics
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    .flatMap(({ descriptor, dataPoints }) => dataPoints.map((point) => ({ descriptor, ...point })));
}

/** Names and attributes of the data points recorded since the test began. */
export async function durations(): Promise<unknown[]> {
  return (await dataPoints()).map(({ descriptor, attributes }) => [descriptor.name, descriptor.unit, attributes]);
}

/** How often this duration was recorded since the test began. */
export async function countOf(name: string): Promise<number> {
  return (await dataPoints())
    .filter(({ descriptor }) => descriptor.name === name)
    .reduce((sum, { value }) => sum + (typeof value === 'number' ? 0 : value.count), 0);
}

/** Until the test ends, the propagator also gives headers that HTTP does not allow, and an empty one. */
export function propagateWhatHttpDoesNotAllow(): void {
  const w3c = new W3CTraceContextPropagator();
  propagation.disable();
  propagation.setGlobalPropagator({
    inject(active, carrier, setter) {
      setter.set(carrier, 'baggage', 'a=1;\nb=2');
      setter.set(carrier, 'x-empty', '');
      setter.set(carrier, 'not a name', '1');
      w3c.inject(active, carrier, setter);
    },
    extract: (active) => active,
    fields: () => [],
  });
  onTestFinished(() => {
    propagation.disable();
    propagation.setGlobalPropagator(w3c);
  });
}

beforeEach(async () => {
  await durations();
  spans.reset();
});
