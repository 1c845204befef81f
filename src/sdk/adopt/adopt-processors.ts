import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { BatchConfig } from '../../config/config.ts';
import { OutboxMetricReader } from '../../outbox/metric-reader.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import type { ExportPipeline } from '../export/export-pipeline.ts';
import { metricBatch } from '../export/processors.ts';
import {
  type AdoptContext,
  type AdoptedExporter,
  adoptOtherExporter,
  adoptOtlpExporter,
  isSynchronous,
} from './adopt-exporter.ts';
import { type PeriodicReading, readMetricReader, readProcessor } from './batching.ts';
import type { OtlpHttpExporter } from './otlp-http-exporter.ts';
import { classOf, readMethod } from './private-fields.ts';

/** The result of adopting the application's processors (or readers) of one signal. */
export interface AdoptedParts<T> {
  /** In the order in which they were given. */
  readonly processors: readonly unknown[];
  readonly pipelines: readonly ExportPipeline<T>[];
  /** The first OTLP/HTTP exporter: signals without an exporter go to its backend. */
  readonly otlp: OtlpHttpExporter<T> | undefined;
  /** Parts that were kept and can be flushed. */
  readonly others: readonly { forceFlush(): Promise<unknown> }[];
  /** Classes of exporters that send by themselves, and cannot send when the process ends. */
  readonly sendingAlone: readonly string[];
  /** Classes of processors that are not the SDK's. */
  readonly unknown: readonly string[];
}

export interface AdoptedMetricReaders extends AdoptedParts<ResourceMetrics> {
  /** Those of swansong among `processors`. */
  readonly readers: readonly OutboxMetricReader[];
}

export interface GivenProcessors<T> {
  readonly processors: readonly unknown[];
  /** An exporter without a processor: `traceExporter`. */
  readonly exporter?: unknown;
  /** From the OTEL_BSP_* or OTEL_BLRP_* variables. */
  readonly batch: BatchConfig;
  readonly createProcessor: (outbox: Outbox<T>) => unknown;
}

/**
 * Replaces the SDK's own batch and simple processors by an outbox; every other processor is kept. So is a simple one whose
 * exporter itself sends: it exports each item at once, as the application intended.
 */
export function adoptProcessors<T>(given: GivenProcessors<T>, context: AdoptContext<T>): AdoptedParts<T> {
  const adopted = new Adopting<T>();
  const take = (exporter: unknown, batch: BatchConfig, anyExporter: boolean): boolean => {
    let taken = adoptOtlpExporter(exporter, batch, context);
    if (taken === undefined && anyExporter) taken = adoptOtherExporter(exporter, batch, context, false);
    if (taken?.deliversAtEnd !== true) adopted.noteSender(exporter);
    if (taken !== undefined) adopted.take(given.createProcessor(taken.pipeline.outbox), taken.pipeline, taken.otlp);
    return taken !== undefined;
  };
  if (given.exporter !== undefined) take(given.exporter, given.batch, true);
  for (const processor of given.processors) {
    const batching = readProcessor(processor, given.batch);
    if (batching === undefined) {
      adopted.keep(processor);
      adopted.noteUnknown(processor);
    } else if (!take(batching.exporter, batching.batch, batching.isBatch)) {
      adopted.keep(processor);
    }
  }
  return adopted.result();
}

/**
 * The same for metric readers. One whose exporter itself sends is kept, unless its last collection can be delivered another way:
 * an outbox before it would gain nothing.
 */
export function adoptMetricReaders(
  readers: readonly unknown[],
  context: AdoptContext<ResourceMetrics>,
): AdoptedMetricReaders {
  const adopted = new Adopting<ResourceMetrics>();
  const own: OutboxMetricReader[] = [];
  const take = ({ exporter, timeoutMillis }: PeriodicReading): AdoptedExporter<ResourceMetrics> | undefined => {
    const batch = metricBatch(timeoutMillis);
    const otlp = adoptOtlpExporter(exporter, batch, context);
    if (otlp !== undefined || isSynchronous(exporter)) return otlp;
    return adoptOtherExporter(exporter, batch, context, true);
  };
  for (const reader of readers) {
    const periodic = readMetricReader(reader);
    const taken = periodic && take(periodic);
    if (periodic === undefined || taken === undefined) {
      adopted.keep(reader);
      if (periodic !== undefined) adopted.noteSender(periodic.exporter);
      continue;
    }
    const { exporter: _, timeoutMillis, ...reading } = periodic;
    const outboxReader = new OutboxMetricReader({
      ...reading,
      outbox: taken.pipeline.outbox,
      collectTimeoutMillis: Math.min(timeoutMillis, reading.intervalMillis),
      flushTimeoutMillis: context.flushTimeoutMillis,
      onCollected: context.onCollected,
    });
    own.push(outboxReader);
    adopted.take(outboxReader, taken.pipeline, taken.otlp);
  }
  return { ...adopted.result(), readers: own };
}

class Adopting<T> {
  readonly #processors: unknown[] = [];
  readonly #pipelines: ExportPipeline<T>[] = [];
  readonly #others: { forceFlush(): Promise<unknown> }[] = [];
  readonly #sendingAlone = new Set<string>();
  readonly #unknown = new Set<string>();
  #otlp: OtlpHttpExporter<T> | undefined;

  take(part: unknown, pipeline: ExportPipeline<T>, otlp: OtlpHttpExporter<T> | undefined): void {
    this.#processors.push(part);
    this.#pipelines.push(pipeline);
    this.#otlp ??= otlp;
  }

  keep(part: unknown): void {
    this.#processors.push(part);
    const forceFlush = readMethod(part, 'forceFlush');
    if (forceFlush !== undefined) this.#others.push({ forceFlush: async () => forceFlush() });
  }

  noteSender(exporter: unknown): void {
    if (!isSynchronous(exporter)) this.#sendingAlone.add(classOf(exporter));
  }

  noteUnknown(processor: unknown): void {
    this.#unknown.add(classOf(processor));
  }

  result(): AdoptedParts<T> {
    return {
      processors: this.#processors,
      pipelines: this.#pipelines,
      otlp: this.#otlp,
      others: this.#others,
      sendingAlone: [...this.#sendingAlone],
      unknown: [...this.#unknown],
    };
  }
}
