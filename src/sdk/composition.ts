import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Config } from '../config/config.ts';
import type { Deadline } from '../deadline/deadline.ts';
import type { FinalExport } from '../exit/final-export.ts';
import { collectLast } from '../exit/last-collection.ts';
import { LiveSpans } from '../exit/live-spans.ts';
import { addOutcomes, type FlushOutcome } from '../outbox/flush-outcome.ts';
import { CreatedLogRecords } from '../sdk-metrics/created-log-records.ts';
import type { SdkMetricsSources } from '../sdk-metrics/observe-sdk.ts';
import { LateItems } from '../shutdown/late-items.ts';
import type { Telemetry } from '../shutdown/shutdown.ts';
import { toError } from '../values/thrown.ts';
import { Connections } from './export/connections.ts';
import { addCounts, type ExportPipeline } from './export/export-pipeline.ts';
import type { ExportContext, MetricExport } from './export/processors.ts';
import { LineOutput, type StandardOutput } from './export/line-output.ts';

/** Live spans that are tracked at once, to bound the memory. */
const MAX_LIVE_SPANS = 10_000;

/** The handles that the end of the process, `status()` and `shutdown()` need of the parts of a NodeSDK. */
export interface Composition {
  readonly telemetry: Telemetry;
  readonly connections: Connections;
  readonly liveSpans: LiveSpans;
  readonly createdLogRecords: CreatedLogRecords;
  readonly finalExports: readonly FinalExport[];
  readonly metricsSources: SdkMetricsSources;
  /** When the event loop has drained: collects what the running interval of metrics has. */
  readonly onDrained: () => void;
  readonly late: LateItems;
  /** To be called when the process ends: from then on the outboxes accept items beyond their limits. */
  readonly liftBounds: () => void;
}

interface Flushable {
  flush(deadline: Deadline): Promise<FlushOutcome>;
}

export interface SignalExports {
  readonly spans: { readonly pipelines: readonly ExportPipeline<ReadableSpan>[] };
  readonly logs: { readonly pipelines: readonly ExportPipeline<ReadableLogRecord>[] };
  readonly metrics: MetricExport;
  /** The application's own processors and readers; a flush includes them. */
  readonly others: readonly { forceFlush(): Promise<unknown> }[];
  readonly startedSpans: SdkMetricsSources['startedSpans'];
}

/** Composes what `createExports` creates. Registers nothing. */
export function compose<Exports extends SignalExports>(
  { shutdownTimeoutMillis, exitTimeoutMillis }: Pick<Config, 'shutdownTimeoutMillis' | 'exitTimeoutMillis'>,
  standardOutput: StandardOutput,
  createExports: (context: ExportContext) => Exports,
): Composition & { readonly exports: Exports } {
  const connections = new Connections();
  const late = new LateItems();
  const collectionListeners: ((seconds: number, errorType: string | undefined) => void)[] = [];
  const lines = new LineOutput(standardOutput);
  const exports = createExports({
    connections,
    lines,
    flushTimeoutMillis: shutdownTimeoutMillis,
    late,
    onCollected(seconds, errorType) {
      for (const listener of collectionListeners) listener(seconds, errorType);
    },
  });
  const { spans, logs, metrics, others } = exports;
  const liveSpans = new LiveSpans(MAX_LIVE_SPANS);
  const createdLogRecords = new CreatedLogRecords();
  const pipelines = [...spans.pipelines, ...logs.pipelines, ...metrics.pipelines];
  const spanOutboxes = spans.pipelines.map(({ outbox }) => outbox);
  const logOutboxes = logs.pipelines.map(({ outbox }) => outbox);
  const metricOutboxes = metrics.pipelines.map(({ outbox }) => outbox);
  const batched = [...spanOutboxes, ...logOutboxes];
  let stopped = false;
  return {
    exports,
    connections,
    liveSpans,
    createdLogRecords,
    late,
    liftBounds() {
      for (const outbox of [...batched, ...metricOutboxes]) outbox.liftBound();
    },
    finalExports: pipelines.map(({ finalExport }) => finalExport),
    onDrained() {
      lines.holdForApplication();
      collectLast({
        readers: metrics.processors,
        timeoutMillis: exitTimeoutMillis,
        hasSpansOrLogs: () => liveSpans.size > 0 || batched.some((outbox) => outbox.counts().waiting > 0),
        isShutDown: () => stopped,
      });
    },
    metricsSources: {
      paths: pipelines.map(({ path }) => path),
      startedSpans: exports.startedSpans,
      liveSpans: () => ({ sampled: liveSpans.size, recordOnly: liveSpans.recordOnly }),
      createdLogRecords: () => createdLogRecords.count,
      onCollection: (listener) => void collectionListeners.push(listener),
    },
    telemetry: {
      async flush(deadline: Deadline) {
        const flushAll = async (parts: readonly Flushable[]): Promise<FlushOutcome> =>
          addOutcomes(await Promise.all(parts.map((part) => part.flush(deadline))));
        const [flushedSpans, flushedLogs, flushedMetrics, flushedOthers] = await Promise.all([
          flushAll(spanOutboxes),
          flushAll(logOutboxes),
          flushAll(metrics.processors),
          Promise.allSettled(others.map((part) => deadline.race(part.forceFlush()))),
        ]);
        const errors = flushedOthers.flatMap((other) => (other.status === 'rejected' ? [toError(other.reason)] : []));
        return { spans: flushedSpans, logs: flushedLogs, metrics: flushedMetrics, errors };
      },
      stop() {
        stopped = true;
        for (const part of [...batched, ...metrics.processors, ...metricOutboxes]) part.stop();
        connections.close();
      },
      counts: () => ({
        spans: addCounts(spanOutboxes),
        logs: addCounts(logOutboxes),
        metrics: addCounts(metricOutboxes),
      }),
      failure: () => connections.failure,
    },
  };
}
