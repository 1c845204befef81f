import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { Config } from '../config/config.ts';
import type { Deadline } from '../deadline/deadline.ts';
import type { Departure } from '../exit/final-export.ts';
import { CreatedLogRecords } from '../sdk-metrics/created-log-records.ts';
import { LiveSpans } from '../exit/live-spans.ts';
import type { SdkMetricsSources } from '../sdk-metrics/observe-sdk.ts';
import { LateItems } from '../shutdown/late-items.ts';
import type { Telemetry } from '../shutdown/shutdown.ts';
import { Backends } from './connections.ts';
import {
  createLogRecordExporters,
  createMetricExporters,
  createSpanExporters,
  type ExporterContext,
} from './processors.ts';
import type { Providers } from './global-api.ts';
import { collectLast } from '../exit/last-collection.ts';
import { createResource } from './resource.ts';
import { CountingSampler } from '../sdk-metrics/counting-sampler.ts';
import { createSampler } from './sampler.ts';
import { addCounts } from './export-pipeline.ts';
import type { WriteOut, WriteOutSync } from './transports/stdout-transport.ts';

/** Live spans that are tracked; an application with more of them at once has other worries. */
const MAX_LIVE_SPANS = 10_000;

export interface Sdk {
  readonly providers: Providers;
  readonly telemetry: Telemetry;
  readonly backends: Backends;
  readonly liveSpans: LiveSpans;
  readonly departures: readonly Departure[];
  readonly metricsSources: SdkMetricsSources;
  /** Collects what the running interval of metrics has, when the event loop has drained. */
  readonly collectLast: () => void;
  readonly late: LateItems;
  /** The process ends: from now on everything is taken that still comes. */
  readonly liftBounds: () => void;
}

export interface Outlets {
  readonly writeOut: WriteOut;
  readonly writeOutSync: WriteOutSync;
}

/** Creates everything and publishes nothing. */
export function createSdk(config: Config, { writeOut, writeOutSync }: Outlets): Sdk {
  const backends = new Backends();
  const late = new LateItems();
  const collectionListeners: ((seconds: number, errorType: string | undefined) => void)[] = [];
  const context: ExporterContext = {
    backends,
    writeOut,
    writeOutSync,
    flushTimeoutMillis: config.shutdownTimeoutMillis,
    late,
    onCollected(seconds, errorType) {
      for (const listener of collectionListeners) listener(seconds, errorType);
    },
  };
  const spans = createSpanExporters(config.traces, context);
  const logs = createLogRecordExporters(config.logs, context);
  const metrics = createMetricExporters(config.metrics, context);
  const liveSpans = new LiveSpans(MAX_LIVE_SPANS);
  const sampler = new CountingSampler(createSampler(config.sampler));
  const createdLogRecords = new CreatedLogRecords();
  const resource = createResource(config.resource, process.argv[1]);
  const providers: Providers = {
    tracer:
      spans.parts.length === 0
        ? undefined
        : new TracerProvider({
            resource,
            sampler,
            spanLimits: config.spanLimits,
            spanProcessors: [liveSpans, ...spans.parts],
          }),
    logger:
      logs.parts.length === 0
        ? undefined
        : new LoggerProvider({
            resource,
            logRecordLimits: config.logRecordLimits,
            processors: [createdLogRecords, ...logs.parts],
          }),
    meter: metrics.parts.length === 0 ? undefined : new MeterProvider({ resource, readers: [...metrics.parts] }),
  };
  const outboxes = [...spans.outboxes, ...logs.outboxes];
  let stopped = false;
  return {
    providers,
    backends,
    liveSpans,
    late,
    liftBounds() {
      for (const outbox of [...outboxes, ...metrics.outboxes]) outbox.liftBound();
    },
    departures: [...spans.departures, ...logs.departures, ...metrics.departures],
    collectLast: () =>
      collectLast({
        readers: metrics.parts,
        hasMoreToTell: () => liveSpans.size > 0 || outboxes.some((outbox) => outbox.counts().waiting > 0),
        isOver: () => stopped,
      }),
    metricsSources: {
      paths: [...spans.paths, ...logs.paths, ...metrics.paths],
      startedSpans: () => sampler.started(),
      liveSpans: () => ({ sampled: liveSpans.size, recordOnly: liveSpans.recordOnly }),
      createdLogRecords: () => createdLogRecords.count,
      onCollection: (listener) => void collectionListeners.push(listener),
    },
    telemetry: {
      async flush(deadline: Deadline) {
        const parts = [...outboxes, ...metrics.parts];
        const flushed = await Promise.allSettled(parts.map((part) => part.flush(deadline)));
        const failures = flushed.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
        if (failures.length > 0) throw new AggregateError(failures, 'not all of it could be flushed');
      },
      stop() {
        stopped = true;
        for (const part of [...outboxes, ...metrics.parts, ...metrics.outboxes]) part.stop();
        backends.close();
      },
      counts: () => ({
        spans: addCounts(spans.outboxes),
        logs: addCounts(logs.outboxes),
        metrics: addCounts(metrics.outboxes),
      }),
      lastError: () => backends.lastError,
    },
  };
}
