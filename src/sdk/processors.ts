import { diag } from '@opentelemetry/api';
import {
  ConsoleLogRecordExporter,
  type LogRecordProcessor,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { ConsoleMetricExporter, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import {
  ConsoleSpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { BatchConfig, BatchedSignalConfig, Config, OtlpConfig } from '../config/config.ts';
import type { Departure } from '../exit/final-export.ts';
import type { BackendHealth } from '../outbox/backend-health.ts';
import { exporterDelivery } from '../otlp/exporter-delivery.ts';
import { OutboxLogRecordProcessor } from '../outbox/log-record-processor.ts';
import { OutboxMetricReader } from '../outbox/metric-reader.ts';
import { ExportObserver } from '../sdk-metrics/export-observer.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { ExportedSignal, ExportPath } from '../sdk-metrics/observe-sdk.ts';
import { OutboxSpanProcessor } from '../outbox/span-processor.ts';
import {
  logRecordEncoding,
  metricsEncoding,
  type OtlpEncoding,
  type OtlpFormat,
  spanEncoding,
} from '../otlp/otlp-encoding.ts';
import { stdoutWay, type WriteOut, type WriteOutSync } from './transports/stdout-transport.ts';
import type { LateItems } from '../shutdown/late-items.ts';
import { aggregationSelector, temporalitySelector } from './aggregation.ts';
import type { Backends, Way } from './connections.ts';
import { exporterType, serverAttributes } from '../sdk-metrics/component-names.ts';
import type { GrpcSignal } from '../otlp/grpc-target.ts';
import { messageOf } from '../values/to-error.ts';
import { createOutbox, MAX_IN_FLIGHT } from './export-pipeline.ts';
import { DISTRIBUTION_NAME } from '../config/distribution.ts';

/** One signal's way out: the SDK's part of it, the outboxes behind, and what leaves them when the process ends. */
export interface Exporters<Part, T> {
  readonly parts: readonly Part[];
  readonly outboxes: readonly Outbox<T>[];
  readonly departures: readonly Departure[];
  readonly paths: readonly ExportPath[];
}

export interface ExporterContext {
  readonly backends: Backends;
  readonly writeOut: WriteOut;
  readonly writeOutSync: WriteOutSync;
  readonly flushTimeoutMillis: number;
  readonly late: LateItems;
  readonly onCollected: (seconds: number, errorType: string | undefined) => void;
}

interface Signal<T> {
  readonly noun: string;
  readonly exported: ExportedSignal;
  /** What a batch counts in the SDK's metrics about itself. */
  sizeOf(items: readonly T[]): number;
  readonly grpc: GrpcSignal;
  encoding(format: OtlpFormat): OtlpEncoding<T>;
  /** Name of the instrumentation scope that an item comes from. */
  scope(item: T): string;
}

const SPANS: Signal<ReadableSpan> = {
  noun: 'spans',
  exported: 'span',
  sizeOf: ({ length }) => length,
  grpc: 'trace',
  encoding: spanEncoding,
  scope: ({ instrumentationScope }) => instrumentationScope.name,
};
const LOG_RECORDS: Signal<ReadableLogRecord> = {
  noun: 'log records',
  exported: 'log',
  sizeOf: ({ length }) => length,
  grpc: 'logs',
  encoding: logRecordEncoding,
  scope: ({ instrumentationScope }) => instrumentationScope.name,
};
const METRICS: Signal<ResourceMetrics> = {
  noun: 'collections of metrics',
  exported: 'metric_data_point',
  sizeOf: countDataPoints,
  grpc: 'metrics',
  encoding: metricsEncoding,
  scope: () => 'metrics',
};

export function createSpanExporters(
  config: BatchedSignalConfig,
  context: ExporterContext,
): Exporters<SpanProcessor, ReadableSpan> {
  const { outboxes, departures, paths } = createOutboxes(SPANS, config, config.batch, MAX_IN_FLIGHT, context);
  const parts: SpanProcessor[] = outboxes.map((outbox) => new OutboxSpanProcessor(outbox, context.flushTimeoutMillis));
  // For eyes: at once and one by one, as the SDK does it.
  if (config.exporters.includes('console'))
    parts.push(new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }));
  return { parts, outboxes, departures, paths };
}

export function createLogRecordExporters(
  config: BatchedSignalConfig,
  context: ExporterContext,
): Exporters<LogRecordProcessor, ReadableLogRecord> {
  const { outboxes, departures, paths } = createOutboxes(LOG_RECORDS, config, config.batch, MAX_IN_FLIGHT, context);
  const parts: LogRecordProcessor[] = outboxes.map(
    (outbox) => new OutboxLogRecordProcessor(outbox, context.flushTimeoutMillis),
  );
  if (config.exporters.includes('console'))
    parts.push(new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() }));
  return { parts, outboxes, departures, paths };
}

/** Sixteen intervals are kept while the backend is away: with the default of a minute, the last quarter of an hour. */
const METRIC_COLLECTIONS_KEPT = 16;

export function createMetricExporters(
  config: Config['metrics'],
  context: ExporterContext,
): Exporters<OutboxMetricReader, ResourceMetrics> {
  const batch: BatchConfig = {
    maxQueueSize: METRIC_COLLECTIONS_KEPT,
    maxExportBatchSize: 1,
    scheduleDelayMillis: 0,
    exportTimeoutMillis: config.exportTimeoutMillis,
  };
  // One at a time: a backend may refuse points of one series that arrive out of order.
  const { outboxes, departures, paths } = createOutboxes(METRICS, config, batch, 1, context);
  if (config.exporters.includes('console')) {
    const deliver = exporterDelivery<ResourceMetrics>({
      export: ([collection], done) => collection && new ConsoleMetricExporter().export(collection, done),
    });
    outboxes.push(
      createOutbox({ noun: METRICS.noun, deliver, batch, otlp: config.otlp, maxInFlight: 1, health: undefined }),
    );
  }
  const parts = outboxes.map(
    (outbox) =>
      new OutboxMetricReader({
        outbox,
        intervalMillis: config.exportIntervalMillis,
        collectTimeoutMillis: Math.min(config.exportTimeoutMillis, config.exportIntervalMillis),
        flushTimeoutMillis: context.flushTimeoutMillis,
        onCollected: context.onCollected,
        aggregationTemporalitySelector: temporalitySelector(config.temporality),
        aggregationSelector: aggregationSelector(config.histogramAggregation),
      }),
  );
  return { parts, outboxes, departures, paths };
}

function createOutboxes<T>(
  signal: Signal<T>,
  config: { readonly exporters: BatchedSignalConfig['exporters']; readonly otlp: OtlpConfig },
  batch: BatchConfig,
  maxInFlight: number,
  { backends, writeOut, writeOutSync, late }: ExporterContext,
): { outboxes: Outbox<T>[]; departures: Departure[]; paths: ExportPath[] } {
  const { noun } = signal;
  const { otlp } = config;
  const outboxes: Outbox<T>[] = [];
  const departures: Departure[] = [];
  const paths: ExportPath[] = [];
  const open = (
    { deliver, depart }: Way<T>,
    inFlight: number,
    { health, ...seen }: { health: BackendHealth | undefined } & Pick<ExportPath, 'exporterType' | 'server'>,
  ): void => {
    const exports = new ExportObserver<T>((items) => signal.sizeOf(items));
    const onLate = (item: T): void => {
      const scope = signal.scope(item);
      // What swansong itself says is in nobody's hands.
      if (scope !== DISTRIBUTION_NAME) late.add(noun, scope);
    };
    const outbox = createOutbox({
      noun,
      deliver: exports.watch(deliver),
      batch,
      otlp,
      maxInFlight: inFlight,
      health,
      onLate,
    });
    outboxes.push(outbox);
    paths.push({ ...seen, signal: signal.exported, figures: () => outbox.figures(), exports });
    departures.push({
      noun,
      takeParcels: () => outbox.takeOut().map((items) => ({ items: items.length, pack: () => depart(items) })),
    });
  };
  if (config.exporters.includes('otlp')) {
    const way = overOtlp(signal, otlp, backends);
    if (way !== undefined) {
      open(way, maxInFlight, {
        health: backends.health(otlp.endpoint),
        exporterType: exporterType(signal.exported, otlp.protocol),
        server: serverAttributes(otlp.endpoint),
      });
    }
  }
  if (config.exporters.includes('otlp/stdout'))
    open(stdoutWay(signal.encoding('http/json'), writeOut, writeOutSync), 1, {
      health: undefined,
      exporterType: exporterType(signal.exported, 'stdout'),
      server: {},
    });
  return { outboxes, departures, paths };
}

function overOtlp<T>(signal: Signal<T>, otlp: OtlpConfig, backends: Backends): Way<T> | undefined {
  if (otlp.protocol !== 'grpc') return backends.overHttp(otlp, signal.encoding(otlp.protocol));
  try {
    return backends.overGrpc(signal.grpc, otlp, signal.encoding('http/protobuf'));
  } catch (error) {
    diag.error(`${messageOf(error)}; ${signal.noun} are not exported`);
    return undefined;
  }
}

function countDataPoints(collections: readonly ResourceMetrics[]): number {
  let points = 0;
  for (const { scopeMetrics } of collections) {
    for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) points += dataPoints.length;
  }
  return points;
}
