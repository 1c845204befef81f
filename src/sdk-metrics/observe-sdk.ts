import type { Attributes, Meter, ObservableResult } from '@opentelemetry/api';
import type { OutboxFigures } from '../outbox/delivery.ts';
import type { ExportObserver } from './export-observer.ts';

export type ExportedSignal = 'span' | 'log' | 'metric_data_point';

/** One outbox and its delivery; in terms of the semantic conventions a batching processor and an exporter. */
export interface ExportPath {
  readonly signal: ExportedSignal;
  /** `otel.component.type` of the exporter. */
  readonly exporterType: string;
  /** `server.address` and `server.port` of the backend; empty if there is no server. */
  readonly server: Attributes;
  readonly figures: () => OutboxFigures;
  // Only members that do not depend on the item type: so paths of spans and of log records fit into one list.
  readonly exports: Pick<ExportObserver<never>, 'inFlight' | 'exported' | 'failed' | 'onOperation'>;
}

export interface StartedSpans {
  readonly origin: 'none' | 'local' | 'remote';
  readonly result: 'DROP' | 'RECORD_ONLY' | 'RECORD_AND_SAMPLE';
  readonly count: number;
}

export interface SdkMetricsSources {
  readonly paths: readonly ExportPath[];
  readonly startedSpans: () => readonly StartedSpans[];
  readonly liveSpans: () => { readonly sampled: number; readonly recordOnly: number };
  readonly createdLogRecords: () => number;
  /** Adds a listener for collections of metrics: their duration in seconds and, if one failed, the `error.type`. */
  readonly onCollection: (listener: (seconds: number, errorType: string | undefined) => void) => void;
}

const UNIT: Readonly<Record<ExportedSignal, string>> = {
  span: '{span}',
  log: '{log_record}',
  metric_data_point: '{data_point}',
};
/** A single bucket, as the semantic conventions ask for: only sum, count, minimum and maximum are needed. */
const SINGLE_BUCKET = { advice: { explicitBucketBoundaries: [] } };

/**
 * Creates the SDK's metrics about itself (semantic conventions, docs/otel/sdk-metrics.md, Development) on a meter; may be called
 * for several meters. They read the same counts as `status()`.
 */
export function observeSdk(meter: Meter, sources: SdkMetricsSources): void {
  observeSpans(meter, sources);
  meter
    .createObservableCounter('otel.sdk.log.created', { unit: '{log_record}', description: 'Log records created' })
    .addCallback((result) => result.observe(sources.createdLogRecords()));
  for (const signal of ['span', 'log'] as const) observeProcessors(meter, signal, pathsOf(sources, signal));
  for (const signal of ['span', 'log', 'metric_data_point'] as const) {
    observeExporters(meter, signal, pathsOf(sources, signal));
  }
  const collection = meter.createHistogram('otel.sdk.metric_reader.collection.duration', {
    unit: 's',
    description: 'Duration of one collection of a metric reader',
    ...SINGLE_BUCKET,
  });
  const reader = component('periodic_metric_reader', 0);
  sources.onCollection((seconds, errorType) =>
    collection.record(seconds, { ...reader, ...errorAttributes(errorType) }),
  );
}

function pathsOf({ paths }: SdkMetricsSources, signal: ExportedSignal): readonly ExportPath[] {
  return paths.filter((path) => path.signal === signal);
}

function observeSpans(meter: Meter, { startedSpans, liveSpans }: SdkMetricsSources): void {
  meter
    .createObservableUpDownCounter('otel.sdk.span.live', { unit: '{span}', description: 'Spans started and not ended' })
    .addCallback((result) => {
      const { sampled, recordOnly } = liveSpans();
      result.observe(sampled, { 'otel.span.sampling_result': 'RECORD_AND_SAMPLE' });
      result.observe(recordOnly, { 'otel.span.sampling_result': 'RECORD_ONLY' });
    });
  meter
    .createObservableCounter('otel.sdk.span.started', {
      unit: '{span}',
      description: 'Spans started, including those that are not recorded',
    })
    .addCallback((result) => {
      for (const { origin, result: sampling, count } of startedSpans()) {
        result.observe(count, { 'otel.span.parent.origin': origin, 'otel.span.sampling_result': sampling });
      }
    });
}

function observeProcessors(meter: Meter, signal: 'span' | 'log', paths: readonly ExportPath[]): void {
  const prefix = `otel.sdk.processor.${signal}`;
  const unit = UNIT[signal];
  const observeAll =
    (observe: (result: ObservableResult, figures: OutboxFigures, attributes: Attributes) => void) =>
    (result: ObservableResult) => {
      for (const [index, { figures }] of paths.entries()) {
        observe(result, figures(), component(`batching_${signal}_processor`, index));
      }
    };
  meter
    .createObservableUpDownCounter(`${prefix}.queue.size`, { unit, description: 'Items that wait in the queue' })
    .addCallback(
      observeAll((result, { waiting, inFlight }, attributes) => result.observe(waiting - inFlight, attributes)),
    );
  meter
    .createObservableUpDownCounter(`${prefix}.queue.capacity`, {
      unit,
      description: 'Maximum number of items in the queue',
    })
    .addCallback(observeAll((result, { maxQueueSize }, attributes) => result.observe(maxQueueSize, attributes)));
  meter
    .createObservableCounter(`${prefix}.processed`, {
      unit,
      description:
        'Items handed to the exporter, or dropped before. already_shutdown: added after shutdown(), kept for the end of the process',
    })
    .addCallback(
      observeAll((result, { tried, droppedUntried, late }, attributes) => {
        result.observe(tried, attributes);
        if (droppedUntried > 0) result.observe(droppedUntried, { ...attributes, ...errorAttributes('queue_full') });
        if (late > 0) result.observe(late, { ...attributes, ...errorAttributes('already_shutdown') });
      }),
    );
}

function observeExporters(meter: Meter, signal: ExportedSignal, paths: readonly ExportPath[]): void {
  if (paths.length === 0) return;
  const prefix = `otel.sdk.exporter.${signal}`;
  const unit = UNIT[signal];
  const attributesOf = ({ exporterType, server }: ExportPath, index: number): Attributes => ({
    ...component(exporterType, index),
    ...server,
  });
  meter
    .createObservableUpDownCounter(`${prefix}.inflight`, {
      unit,
      description: 'Items in requests that have no answer yet',
    })
    .addCallback((result) => {
      for (const [index, path] of paths.entries()) result.observe(path.exports.inFlight, attributesOf(path, index));
    });
  meter
    .createObservableCounter(`${prefix}.exported`, {
      unit,
      description: 'Items accepted or finally refused by the backend; not those that will be sent again',
    })
    .addCallback((result) => {
      for (const [index, path] of paths.entries()) {
        const attributes = attributesOf(path, index);
        result.observe(path.exports.exported, attributes);
        for (const [errorType, count] of path.exports.failed) {
          result.observe(count, { ...attributes, ...errorAttributes(errorType) });
        }
      }
    });
  const duration = meter.createHistogram('otel.sdk.exporter.operation.duration', {
    unit: 's',
    description: 'Duration of one request to the backend',
    ...SINGLE_BUCKET,
  });
  for (const [index, path] of paths.entries()) {
    const attributes = attributesOf(path, index);
    path.exports.onOperation(({ seconds, errorType }) =>
      duration.record(seconds, { ...attributes, ...errorAttributes(errorType) }),
    );
  }
}

function component(type: string, index: number): Attributes {
  return { 'otel.component.type': type, 'otel.component.name': `${type}/${index}` };
}

function errorAttributes(errorType: string | undefined): Attributes {
  return errorType === undefined ? {} : { 'error.type': errorType };
}
