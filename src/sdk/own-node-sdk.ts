import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Config } from '../config/config.ts';
import { OutboxLogRecordProcessor, OutboxSpanProcessor } from '../outbox/processors.ts';
import { siblingOf } from './adopt/adopt-exporter.ts';
import {
  type AdoptedMetricReaders,
  type AdoptedParts,
  adoptMetricReaders,
  adoptProcessors,
} from './adopt/adopt-processors.ts';
import { OwnLogRecords } from './adopt/own-log-records.ts';
import { compose, type Composition, type SignalExports } from './composition.ts';
import { MAX_IN_FLIGHT } from './export/http-transport.ts';
import {
  createLogRecordProcessors,
  createMetricReaders,
  createSpanProcessors,
  type ExportContext,
  METRICS_IN_FLIGHT,
  type OtherDestination,
  type SignalExport,
} from './export/processors.ts';
import { LOG_RECORDS, METRICS, type OtlpPath, SPANS } from './export/signal-kinds.ts';
import type { StandardOutput } from './export/line-output.ts';

/** What the application's configuration has for each signal. Undefined: nothing, so that the variables apply. */
export interface GivenParts {
  /** Used by NodeSDK only if there are no `spanProcessors`. */
  readonly traceExporter: unknown;
  readonly spanProcessors: readonly unknown[] | undefined;
  readonly logRecordProcessors: readonly unknown[] | undefined;
  readonly metricReaders: readonly unknown[] | undefined;
}

export interface OwnNodeSdkOptions {
  readonly config: Config;
  readonly standardOutput: StandardOutput;
  /** The option `endpoint`, for signals without an OTLP/HTTP exporter. */
  readonly endpointOf: (signal: OtlpPath) => OtherDestination | undefined;
  /** Whether an environment variable has an endpoint for the signal. */
  readonly isConfigured: (signal: OtlpPath) => boolean;
  /** Whether metrics are left to NodeSDK, because the variables name a reader that swansong does not have (Prometheus). */
  readonly leavesMetrics: boolean;
}

/** For NodeSDK's configuration. Undefined: NodeSDK uses its own default. */
export interface OwnParts {
  readonly spanProcessors: readonly unknown[];
  readonly logRecordProcessors: readonly unknown[] | undefined;
  readonly metricReaders: readonly unknown[] | undefined;
}

export interface OwnComposition extends Composition {
  readonly parts: OwnParts;
  /** For swansong's own log records while NodeSDK accepts none; they fill the log outboxes. */
  readonly ownLogRecordProcessors: readonly LogRecordProcessor[];
  /** Warnings for the log, one line each. */
  readonly remarks: readonly string[];
}

/**
 * Creates the parts for an application's own NodeSDK: outboxes replace the SDK's batch processors and exporters, everything else
 * stays. Registers nothing.
 */
export function composeOwnNodeSdk(given: GivenParts, options: OwnNodeSdkOptions): OwnComposition {
  const { config, standardOutput } = options;
  const composition = compose(config, standardOutput, (context) => createExports(given, options, context));
  const { liveSpans, createdLogRecords, exports } = composition;
  const { spanProcessors, logRecordProcessors, metricReaders } = exports.parts;
  return {
    ...composition,
    remarks: exports.remarks,
    ownLogRecordProcessors: exports.logs.pipelines.map(
      ({ outbox }) => new OutboxLogRecordProcessor(outbox, config.shutdownTimeoutMillis),
    ),
    parts: {
      spanProcessors: spanProcessors.length === 0 ? [] : [liveSpans, ...spanProcessors],
      logRecordProcessors: logRecordProcessors && [createdLogRecords, ...logRecordProcessors],
      metricReaders,
    },
  };
}

interface OwnExports extends SignalExports {
  readonly parts: OwnParts;
  readonly remarks: readonly string[];
}

function createExports(given: GivenParts, options: OwnNodeSdkOptions, context: ExportContext): OwnExports {
  const { config, endpointOf } = options;
  const adopted = adoptGiven(given, options, context);
  /** For a signal without an exporter: the option `endpoint`, else the variables, else the backend of the first given exporter. */
  const destinationOf = (signal: OtlpPath): OtherDestination | undefined => {
    const endpoint = endpointOf(signal);
    if (endpoint !== undefined || options.isConfigured(signal)) return endpoint;
    for (const from of ['traces', 'logs', 'metrics'] as const) {
      const exporter = adopted[from]?.otlp;
      const sibling = exporter && siblingOf(exporter, from, signal);
      if (sibling !== undefined) return sibling;
    }
    return undefined;
  };
  const spans = adopted.traces ?? createSpanProcessors(config.traces, context, destinationOf('traces'));
  const logs = logExport(adopted.logs, (onlyIfConfigured) => {
    const destination = destinationOf('logs');
    if (onlyIfConfigured && destination === undefined && !options.isConfigured('logs')) return undefined;
    return createLogRecordProcessors(config.logs, context, destination);
  });
  const created =
    adopted.metrics === undefined && !options.leavesMetrics
      ? createMetricReaders(config.metrics, context, destinationOf('metrics'))
      : undefined;
  const readers = adopted.metrics?.readers ?? created?.processors ?? [];
  const metricPipelines = adopted.metrics?.pipelines ?? created?.pipelines ?? [];
  return {
    spans,
    logs,
    metrics: {
      processors: readers,
      pipelines: metricPipelines,
    },
    others: [adopted.traces, adopted.logs, adopted.metrics].flatMap((parts) => parts?.others ?? []),
    // The sampler is the application's: spans that it drops cannot be counted.
    startedSpans: () => [],
    parts: {
      spanProcessors: spans.processors,
      logRecordProcessors: logs.processors.length === 0 ? undefined : logs.processors,
      metricReaders: adopted.metrics?.processors ?? (readers.length === 0 ? undefined : readers),
    },
    remarks: [
      ...remarksOn('spans', adopted.traces, endpointOf('traces')),
      ...remarksOn('log records', adopted.logs, endpointOf('logs')),
      ...remarksOn('metrics', adopted.metrics, endpointOf('metrics')),
    ],
  };
}

interface AdoptedSignals {
  readonly traces: AdoptedParts<ReadableSpan> | undefined;
  readonly logs: AdoptedParts<ReadableLogRecord> | undefined;
  readonly metrics: AdoptedMetricReaders | undefined;
}

function adoptGiven(
  { traceExporter, spanProcessors, logRecordProcessors, metricReaders }: GivenParts,
  { config, endpointOf }: OwnNodeSdkOptions,
  context: ExportContext,
): AdoptedSignals {
  const { flushTimeoutMillis } = context;
  const hasSpans = spanProcessors !== undefined || traceExporter !== undefined;
  return {
    traces: hasSpans
      ? adoptProcessors(
          {
            processors: spanProcessors ?? [],
            // NodeSDK reads it only if there are no processors.
            exporter: spanProcessors === undefined ? traceExporter : undefined,
            batch: config.traces.batch,
            createProcessor: (outbox) => new OutboxSpanProcessor(outbox, flushTimeoutMillis),
          },
          {
            ...context,
            signal: SPANS,
            configured: config.traces.otlp,
            maxInFlight: MAX_IN_FLIGHT,
            finalDestination: endpointOf('traces'),
          },
        )
      : undefined,
    logs:
      logRecordProcessors &&
      adoptProcessors(
        {
          processors: logRecordProcessors,
          batch: config.logs.batch,
          createProcessor: (outbox) => new OutboxLogRecordProcessor(outbox, flushTimeoutMillis),
        },
        {
          ...context,
          signal: LOG_RECORDS,
          configured: config.logs.otlp,
          maxInFlight: MAX_IN_FLIGHT,
          finalDestination: endpointOf('logs'),
        },
      ),
    metrics:
      metricReaders &&
      adoptMetricReaders(metricReaders, {
        ...context,
        signal: METRICS,
        configured: config.metrics.otlp,
        maxInFlight: METRICS_IN_FLIGHT,
        finalDestination: endpointOf('metrics'),
      }),
  };
}

/**
 * swansong records errors and lifecycle events as log records. If the application has log record processors of its own, those of
 * swansong take only these records, and are created only if a backend is configured.
 */
function logExport(
  adopted: AdoptedParts<ReadableLogRecord> | undefined,
  create: (onlyIfConfigured: boolean) => SignalExport<LogRecordProcessor, ReadableLogRecord> | undefined,
): SignalExport<unknown, ReadableLogRecord> {
  if (adopted !== undefined && adopted.pipelines.length > 0) return adopted;
  const { processors = [], pipelines = [] } = create(adopted !== undefined) ?? {};
  if (adopted === undefined) return { processors, pipelines };
  const own = processors.length === 0 ? [] : [new OwnLogRecords(processors)];
  return { processors: [...adopted.processors, ...own], pipelines };
}

function remarksOn(
  noun: string,
  adopted: AdoptedSignals[keyof AdoptedSignals],
  endpoint: OtherDestination | undefined,
): readonly string[] {
  if (adopted === undefined) return [];
  const { sendingAlone, unknown, pipelines } = adopted;
  if (sendingAlone.length > 0 && endpoint === undefined)
    return [
      `${noun} that still wait when the process ends are lost: ${sendingAlone.join(', ')} can deliver only while it runs. ` +
        'To have them delivered, name an OTLP/HTTP endpoint: withSwansong(configuration, { endpoint, headers })',
    ];
  if (noun === 'spans' && unknown.length > 0 && pipelines.length === 0)
    return [`spans go only to ${unknown.join(', ')}: what it still holds when the process ends is lost`];
  return [];
}
