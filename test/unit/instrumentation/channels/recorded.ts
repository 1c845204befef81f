import { context, metrics, type Span, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { beforeEach } from 'vitest';
import { UnwoundContextManager } from '../../../../src/errors/unwound-context.ts';
import { instrumentLibrary } from '../../../../src/instrumentation/channels/instrument-library.ts';
import type { Library } from '../../../../src/instrumentation/channels/library.ts';

/** The global API, with what is recorded kept in memory. */
const contextManager = new UnwoundContextManager();
const exporter = new InMemorySpanExporter();
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 });
context.setGlobalContextManager(contextManager.enable());
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

export const instrument = (library: Library, captureContent = false): void =>
  instrumentLibrary(library, contextManager.store, captureContent);

/** Runs within the span of a request, and ends it. */
export async function inRequest<Result>(name: string, fn: (span: Span) => Result | Promise<Result>): Promise<Result> {
  return trace.getTracer('test').startActiveSpan(name, async (span) => {
    try {
      return await fn(span);
    } finally {
      span.end();
    }
  });
}

/** The name of the active span. */
export function activeName(): string | undefined {
  const span = trace.getActiveSpan();
  return span !== undefined && 'name' in span && typeof span.name === 'string' ? span.name : undefined;
}

/** Each ended span, without those of `inRequest()`: what is of interest, and the name of its parent. */
export function recordedSpans(): unknown[] {
  const spans = exporter.getFinishedSpans();
  return spans
    .filter(({ instrumentationScope }) => instrumentationScope.name !== 'test')
    .map((span) => ({
      name: span.name,
      kind: span.kind,
      parent: parentName(span, spans),
      attributes: span.attributes,
      status: span.status,
    }));
}

function parentName({ parentSpanContext }: ReadableSpan, spans: readonly ReadableSpan[]): string | undefined {
  if (parentSpanContext === undefined) return undefined;
  return (
    spans.find((span) => span.spanContext().spanId === parentSpanContext.spanId)?.name ?? 'a span that has not ended'
  );
}

/** Name, attributes and number of values of each duration that was recorded since the test began. */
export async function recordedDurations(): Promise<unknown[]> {
  metricExporter.reset();
  await reader.forceFlush();
  return metricExporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({
        name: descriptor.name,
        attributes,
        count: typeof value === 'number' ? value : value.count,
      })),
    )
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

beforeEach(async () => {
  await recordedDurations();
  exporter.reset();
});
