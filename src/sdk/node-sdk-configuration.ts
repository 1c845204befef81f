import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import type { Config } from '../config/config.ts';
import type { Deadline } from '../deadline/deadline.ts';
import { UnwoundContextManager } from '../errors/unwound-context.ts';
import type { FinalExport } from '../exit/final-export.ts';
import { collectLast } from '../exit/last-collection.ts';
import { LiveSpans } from '../exit/live-spans.ts';
import { addOutcomes, type FlushOutcome } from '../outbox/flush-outcome.ts';
import { CountingSampler } from '../sdk-metrics/counting-sampler.ts';
import { CreatedLogRecords } from '../sdk-metrics/created-log-records.ts';
import type { SdkMetricsSources } from '../sdk-metrics/observe-sdk.ts';
import { LateItems } from '../shutdown/late-items.ts';
import type { Telemetry } from '../shutdown/shutdown.ts';
import { Connections } from './export/connections.ts';
import { addCounts } from './export/export-pipeline.ts';
import {
  createLogRecordProcessors,
  createMetricReaders,
  createSpanProcessors,
  type ExportContext,
} from './export/processors.ts';
import type { StandardOutput } from './export/stdout-transport.ts';
import { createPropagator } from './propagator.ts';
import { createResource } from './resource.ts';
import { createSampler } from './sampler.ts';

/** Live spans that are tracked; an application with more of them at once has other worries. */
const MAX_LIVE_SPANS = 10_000;

/** What NodeSDK takes, all of it given: what it is given it does not read from the environment. */
export interface NodeSdkParts extends Required<
  Pick<
    NodeSDKConfiguration,
    | 'resource'
    | 'autoDetectResources'
    | 'sampler'
    | 'spanLimits'
    | 'spanProcessors'
    | 'logRecordProcessors'
    | 'metricReaders'
    | 'textMapPropagator'
    | 'instrumentations'
  >
> {
  readonly contextManager: UnwoundContextManager;
  /** NodeSDK has no option for them; see node-sdk-environment.ts. */
  readonly logRecordLimits: Config['logRecordLimits'];
}

/** The parts of a NodeSDK, and the handles that the end of the process, `status()` and `shutdown()` need of them. */
export interface Composition {
  readonly parts: NodeSdkParts;
  readonly telemetry: Telemetry;
  readonly connections: Connections;
  readonly liveSpans: LiveSpans;
  readonly finalExports: readonly FinalExport[];
  readonly metricsSources: SdkMetricsSources;
  /** Collects what the running interval of metrics has, when the event loop has drained. */
  readonly collectLast: () => void;
  readonly late: LateItems;
  /** The process ends: from now on everything is taken that still comes. */
  readonly liftBounds: () => void;
}

interface Flushable {
  flush(deadline: Deadline): Promise<FlushOutcome>;
}

/** The part that is left when the SDK is disabled. */
export function createPropagation(config: Config): Pick<NodeSdkParts, 'textMapPropagator' | 'contextManager'> {
  return { textMapPropagator: createPropagator(config.propagators), contextManager: new UnwoundContextManager() };
}

/** Makes the parts of a NodeSDK from the configuration. Creates everything and registers nothing. */
export function composeNodeSdk(config: Config, standardOutput: StandardOutput): Composition {
  const connections = new Connections();
  const late = new LateItems();
  const collectionListeners: ((seconds: number, errorType: string | undefined) => void)[] = [];
  const context: ExportContext = {
    connections,
    standardOutput,
    flushTimeoutMillis: config.shutdownTimeoutMillis,
    late,
    onCollected(seconds, errorType) {
      for (const listener of collectionListeners) listener(seconds, errorType);
    },
  };
  const spans = createSpanProcessors(config.traces, context);
  const logs = createLogRecordProcessors(config.logs, context);
  const metrics = createMetricReaders(config.metrics, context);
  const liveSpans = new LiveSpans(MAX_LIVE_SPANS);
  const sampler = new CountingSampler(createSampler(config.sampler));
  const createdLogRecords = new CreatedLogRecords();
  const pipelines = [...spans.pipelines, ...logs.pipelines, ...metrics.pipelines];
  const spanOutboxes = spans.pipelines.map(({ outbox }) => outbox);
  const logOutboxes = logs.pipelines.map(({ outbox }) => outbox);
  const batched = [...spanOutboxes, ...logOutboxes];
  let stopped = false;
  return {
    parts: {
      resource: createResource(config.resource, process.argv[1]),
      autoDetectResources: false,
      sampler,
      spanLimits: config.spanLimits,
      logRecordLimits: config.logRecordLimits,
      spanProcessors: spans.processors.length === 0 ? [] : [liveSpans, ...spans.processors],
      logRecordProcessors: logs.processors.length === 0 ? [] : [createdLogRecords, ...logs.processors],
      metricReaders: [...metrics.processors],
      ...createPropagation(config),
      instrumentations: [],
    },
    connections,
    liveSpans,
    late,
    liftBounds() {
      for (const outbox of [...batched, ...metrics.outboxes]) outbox.liftBound();
    },
    finalExports: pipelines.map(({ finalExport }) => finalExport),
    collectLast: () =>
      collectLast({
        readers: metrics.processors,
        timeoutMillis: config.exitTimeoutMillis,
        hasSpansOrLogs: () => liveSpans.size > 0 || batched.some((outbox) => outbox.counts().waiting > 0),
        isShutDown: () => stopped,
      }),
    metricsSources: {
      paths: pipelines.map(({ path }) => path),
      startedSpans: () => sampler.started(),
      liveSpans: () => ({ sampled: liveSpans.size, recordOnly: liveSpans.recordOnly }),
      createdLogRecords: () => createdLogRecords.count,
      onCollection: (listener) => void collectionListeners.push(listener),
    },
    telemetry: {
      async flush(deadline: Deadline) {
        const flushAll = async (parts: readonly Flushable[]): Promise<FlushOutcome> =>
          addOutcomes(await Promise.all(parts.map((part) => part.flush(deadline))));
        const [flushedSpans, flushedLogs, flushedMetrics] = await Promise.all([
          flushAll(spanOutboxes),
          flushAll(logOutboxes),
          flushAll(metrics.processors),
        ]);
        return { spans: flushedSpans, logs: flushedLogs, metrics: flushedMetrics };
      },
      stop() {
        stopped = true;
        for (const part of [...batched, ...metrics.processors, ...metrics.outboxes]) part.stop();
        connections.close();
      },
      counts: () => ({
        spans: addCounts(spanOutboxes),
        logs: addCounts(logOutboxes),
        metrics: addCounts(metrics.outboxes),
      }),
      failure: () => connections.failure,
    },
  };
}
