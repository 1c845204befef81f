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
import type { BatchConfig, BatchedSignalConfig, Config, ExporterName, OtlpConfig } from '../../config/config.ts';
import { PROCESS_SCOPES } from '../../exit/last-collection.ts';
import { OutboxMetricReader } from '../../outbox/metric-reader.ts';
import type { OtlpFormat } from '../../otlp/otlp-encoding.ts';
import { OutboxLogRecordProcessor, OutboxSpanProcessor } from '../../outbox/processors.ts';
import { exporterType, serverAttributes } from '../../sdk-metrics/component-names.ts';
import type { LateItems } from '../../shutdown/late-items.ts';
import { aggregationSelector, temporalitySelector } from './aggregation.ts';
import type { Connections } from './connections.ts';
import { createExportPipeline, type ExportPipeline } from './export-pipeline.ts';
import { exporterTransport } from './exporter-transport.ts';
import { type HttpDestination, httpTransport, MAX_IN_FLIGHT } from './http-transport.ts';
import type { LineOutput } from './line-output.ts';
import { otlpTransport } from './otlp-transport.ts';
import { LOG_RECORDS, METRICS, type SignalKind, SPANS } from './signal-kinds.ts';
import { stdoutTransport } from './stdout-transport.ts';
import type { Transport } from './transport.ts';

/** One signal's processors (of metrics: readers), and the pipelines that they fill. */
export interface SignalExport<Processor, T> {
  readonly processors: readonly Processor[];
  readonly pipelines: readonly ExportPipeline<T>[];
}

export interface ExportContext {
  readonly connections: Connections;
  /** On standard output. */
  readonly lines: LineOutput;
  /** Milliseconds; the deadline for a caller that flushes a processor without one. */
  readonly flushTimeoutMillis: number;
  readonly late: LateItems;
  /** After each collection of metrics: seconds it took, and `error.type` where it failed. */
  readonly onCollected: (seconds: number, errorType: string | undefined) => void;
}

/** An OTLP/HTTP destination for one signal that replaces the configured one. */
export interface OtherDestination {
  readonly format: OtlpFormat;
  readonly timeoutMillis: number;
  readonly destination: HttpDestination;
}

export function createSpanProcessors(
  config: BatchedSignalConfig,
  context: ExportContext,
  other?: OtherDestination,
): SignalExport<SpanProcessor, ReadableSpan> {
  const pipelines = createPipelines(SPANS, config, config.batch, MAX_IN_FLIGHT, context, other);
  const processors: SpanProcessor[] = pipelines.map(
    ({ outbox }) => new OutboxSpanProcessor(outbox, context.flushTimeoutMillis),
  );
  // Printed at once and one by one, as by the SDK.
  if (config.exporters.includes('console'))
    processors.push(new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }));
  return { processors, pipelines };
}

export function createLogRecordProcessors(
  config: BatchedSignalConfig,
  context: ExportContext,
  other?: OtherDestination,
): SignalExport<LogRecordProcessor, ReadableLogRecord> {
  const pipelines = createPipelines(LOG_RECORDS, config, config.batch, MAX_IN_FLIGHT, context, other);
  const processors: LogRecordProcessor[] = pipelines.map(
    ({ outbox }) => new OutboxLogRecordProcessor(outbox, context.flushTimeoutMillis),
  );
  if (config.exporters.includes('console'))
    processors.push(new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() }));
  return { processors, pipelines };
}

/** Sixteen intervals are kept while the backend is down: with the default of a minute, the last quarter of an hour. */
const METRIC_COLLECTIONS_KEPT = 16;

export type MetricExport = SignalExport<OutboxMetricReader, ResourceMetrics>;

/** @param exportTimeoutMillis `Infinity` for no limit */
export function metricBatch(exportTimeoutMillis: number): BatchConfig {
  return { maxQueueSize: METRIC_COLLECTIONS_KEPT, maxExportBatchSize: 1, scheduleDelayMillis: 0, exportTimeoutMillis };
}

/** One at a time: a backend may refuse points of one series that arrive out of order. */
export const METRICS_IN_FLIGHT = 1;

export function createMetricReaders(
  config: Config['metrics'],
  context: ExportContext,
  other?: OtherDestination,
): MetricExport {
  const batch = metricBatch(config.exportTimeoutMillis);
  const pipelines = createPipelines(METRICS, config, batch, METRICS_IN_FLIGHT, context, other);
  if (config.exporters.includes('console')) pipelines.push(consolePipeline(batch, context));
  const processors = pipelines.map(
    ({ outbox }) =>
      new OutboxMetricReader({
        outbox,
        intervalMillis: config.exportIntervalMillis,
        collectTimeoutMillis: Math.min(config.exportTimeoutMillis, config.exportIntervalMillis),
        flushTimeoutMillis: context.flushTimeoutMillis,
        processScopes: PROCESS_SCOPES,
        onCollected: context.onCollected,
        aggregationTemporalitySelector: temporalitySelector(config.temporality),
        aggregationSelector: aggregationSelector(config.histogramAggregation),
      }),
  );
  return { processors, pipelines };
}

/** Spans and log records need none: their processors print each at once. */
function consolePipeline(batch: BatchConfig, { late }: ExportContext): ExportPipeline<ResourceMetrics> {
  return createExportPipeline({
    signal: METRICS,
    transport: exporterTransport<ResourceMetrics>({
      export: ([collection], done) => collection && new ConsoleMetricExporter().export(collection, done),
    }),
    batch,
    timeoutMillis: Infinity,
    maxInFlight: METRICS_IN_FLIGHT,
    health: undefined,
    late,
    exporterType: 'ConsoleMetricExporter',
    server: {},
  });
}

function createPipelines<T>(
  signal: SignalKind<T>,
  { exporters, otlp }: { readonly exporters: readonly ExporterName[]; readonly otlp: OtlpConfig },
  batch: BatchConfig,
  maxInFlight: number,
  { connections, lines, late }: ExportContext,
  other: OtherDestination | undefined,
): ExportPipeline<T>[] {
  const { timeoutMillis } = other ?? otlp;
  const shared = { signal, batch, timeoutMillis, late };
  const pipelines: ExportPipeline<T>[] = [];
  const { endpoint } = other?.destination ?? otlp;
  let transport: Transport<T> | undefined;
  if (exporters.includes('otlp')) {
    transport =
      other === undefined
        ? otlpTransport(signal, otlp, connections)
        : httpTransport(other.destination, signal.encoding(other.format), connections);
  }
  if (transport !== undefined) {
    pipelines.push(
      createExportPipeline({
        ...shared,
        transport,
        maxInFlight,
        health: connections.health(endpoint),
        exporterType: exporterType(signal.exported, other?.format ?? otlp.protocol),
        server: serverAttributes(endpoint),
      }),
    );
  }
  if (exporters.includes('otlp/stdout')) {
    pipelines.push(
      createExportPipeline({
        ...shared,
        transport: stdoutTransport(signal.encoding('http/json'), lines),
        maxInFlight: 1,
        health: undefined,
        exporterType: exporterType(signal.exported, 'stdout'),
        server: {},
      }),
    );
  }
  return pipelines;
}
