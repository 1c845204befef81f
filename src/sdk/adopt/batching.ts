import type { IMetricReader, MetricProducer, MetricReaderOptions } from '@opentelemetry/sdk-metrics';
import type { BatchConfig } from '../../config/config.ts';
import { read } from '../../values/read.ts';
import { isImplementedBy, readMethod, readNumber } from './private-fields.ts';

/** How a processor of the SDK batches, and its exporter. */
export interface Batching {
  readonly exporter: unknown;
  readonly batch: BatchConfig;
  /** False for a simple processor, which exports each item at once. */
  readonly isBatch: boolean;
}

/** What a periodic reader of the SDK collects, and when. */
export interface PeriodicReading extends Required<Omit<MetricReaderOptions, 'otelComponentType'>> {
  readonly exporter: unknown;
  readonly intervalMillis: number;
  readonly timeoutMillis: number;
}

/**
 * The SDK's own BatchSpanProcessor and SimpleSpanProcessor (2.x, 3.x), and those of log records: the exporter inside, and how it
 * batches. Undefined for any other processor.
 */
export function readProcessor(processor: unknown, defaults: BatchConfig): Batching | undefined {
  const isOfSdk =
    isImplementedBy(processor, '_shutdown', ['onStart', 'onEnd', 'forceFlush', 'shutdown']) ||
    isImplementedBy(processor, '_shutdown', ['onEmit', 'forceFlush', 'shutdown']);
  const exporter = read(processor, '_exporter');
  if (!isOfSdk || readMethod(exporter, 'export') === undefined) return undefined;
  const maxQueueSize = readNumber(processor, '_maxQueueSize');
  if (maxQueueSize === undefined) return { exporter, batch: { ...defaults, scheduleDelayMillis: 0 }, isBatch: false };
  const maxExportBatchSize = readNumber(processor, '_maxExportBatchSize');
  const scheduleDelayMillis = readNumber(processor, '_scheduledDelayMillis');
  const exportTimeoutMillis = readNumber(processor, '_exportTimeoutMillis');
  if (maxExportBatchSize === undefined || scheduleDelayMillis === undefined || exportTimeoutMillis === undefined)
    return undefined;
  return {
    exporter,
    batch: { maxQueueSize, maxExportBatchSize, scheduleDelayMillis, exportTimeoutMillis },
    isBatch: true,
  };
}

/** The same for the SDK's PeriodicExportingMetricReader. */
export function readMetricReader(reader: unknown): PeriodicReading | undefined {
  const exporter = read(reader, '_exporter');
  const intervalMillis = readNumber(reader, '_exportInterval');
  const timeoutMillis = readNumber(reader, '_exportTimeout');
  const producers = read(reader, '_metricProducers');
  if (
    !isMetricReader(reader) ||
    !isImplementedBy(reader, '_runOnce', ['onInitialized', 'onForceFlush', 'onShutdown']) ||
    readMethod(exporter, 'export') === undefined ||
    intervalMillis === undefined ||
    timeoutMillis === undefined
  )
    return undefined;
  return {
    exporter,
    intervalMillis,
    timeoutMillis,
    aggregationSelector: (instrument) => reader.selectAggregation(instrument),
    aggregationTemporalitySelector: (instrument) => reader.selectAggregationTemporality(instrument),
    cardinalitySelector: (instrument) => reader.selectCardinalityLimit(instrument),
    metricProducers: (Array.isArray(producers) ? producers : []).filter(isMetricProducer),
  };
}

function isMetricReader(reader: unknown): reader is IMetricReader {
  return isImplementedBy(reader, 'setMetricProducer', [
    'collect',
    'forceFlush',
    'shutdown',
    'selectAggregation',
    'selectAggregationTemporality',
    'selectCardinalityLimit',
  ]);
}

function isMetricProducer(producer: unknown): producer is MetricProducer {
  return readMethod(producer, 'collect') !== undefined;
}
