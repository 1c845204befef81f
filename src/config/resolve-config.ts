import { isObject } from '../values/is-object.ts';
import type { BatchConfig, BatchedSignalConfig, Config, MetricsConfig, SelfMetricsConfig } from './config.ts';
import { instrumentationPackage } from './instrumentation-packages.ts';
import { parseOptions } from './parse-options.ts';
import { resolveOtlp } from './resolve-otlp.ts';
import { unsupportedVariables } from './variables.ts';
import { type Environment, VariableReader } from './variable-reader.ts';

/**
 * The configuration that these environment variables describe, deeply frozen. Never throws: an unusable value is replaced as
 * the spec says, with a warning, which never contains a secret.
 */
export function resolveConfig(environment: Environment): {
  readonly config: Config;
  readonly warnings: readonly string[];
} {
  const reader = new VariableReader(environment);
  const config = readConfig(reader);
  return deepFreeze({ config, warnings: reader.warnings });
}

/** Reads every variable of the table; after that the reader has all warnings. */
export function readConfig(reader: VariableReader): Config {
  for (const [name, outcome] of Object.entries(unsupportedVariables)) reader.ignore(name, outcome);
  const packages = [...new Set(reader.packages('SWANSONG_INSTRUMENTATIONS').map(instrumentationPackage))];
  return {
    configFile: reader.string('OTEL_CONFIG_FILE'),
    disabled: reader.boolean('OTEL_SDK_DISABLED'),
    logLevel: reader.enum('OTEL_LOG_LEVEL'),
    resource: {
      serviceName: reader.string('OTEL_SERVICE_NAME'),
      attributes: reader.attributes('OTEL_RESOURCE_ATTRIBUTES'),
      detectors: reader.list('OTEL_NODE_RESOURCE_DETECTORS'),
    },
    propagators: reader.list('OTEL_PROPAGATORS'),
    sampler: {
      name: reader.enum('OTEL_TRACES_SAMPLER'),
      ratio: reader.ratio('OTEL_TRACES_SAMPLER_ARG'),
    },
    spanLimits: {
      attributeCountLimit: reader.integer('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'),
      attributeValueLengthLimit: reader.integer('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
      eventCountLimit: reader.integer('OTEL_SPAN_EVENT_COUNT_LIMIT'),
      linkCountLimit: reader.integer('OTEL_SPAN_LINK_COUNT_LIMIT'),
      attributePerEventCountLimit: reader.integer('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
      attributePerLinkCountLimit: reader.integer('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
    },
    logRecordLimits: {
      attributeCountLimit: reader.integer('OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT'),
      attributeValueLengthLimit: reader.integer('OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
    },
    traces: readBatchedSignal(reader, 'TRACES', 'BSP'),
    logs: readBatchedSignal(reader, 'LOGS', 'BLRP'),
    metrics: readMetrics(reader),
    instrumentations: {
      enabled: reader.filter('OTEL_NODE_ENABLED_INSTRUMENTATIONS'),
      disabled: reader.filter('OTEL_NODE_DISABLED_INSTRUMENTATIONS') ?? [],
      packages,
      options: reader.options('SWANSONG_INSTRUMENTATIONS_CONFIG', (raw) => parseOptions(raw, packages)),
      captureContent: reader.boolean('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'),
      logs: reader.list('SWANSONG_LOGS'),
    },
    sdkMetrics: reader.boolean('OTEL_NODE_EXPERIMENTAL_SDK_METRICS'),
    selfMetrics: readSelfMetrics(reader),
    exceptionSignal: reader.enum('OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN'),
    exitTimeoutMillis: reader.integer('SWANSONG_EXIT_TIMEOUT'),
    shutdownTimeoutMillis: reader.integer('SWANSONG_SHUTDOWN_TIMEOUT'),
  };
}

function readBatchedSignal(
  reader: VariableReader,
  signal: 'TRACES' | 'LOGS',
  processor: 'BSP' | 'BLRP',
): BatchedSignalConfig {
  return {
    exporters: reader.list(`OTEL_${signal}_EXPORTER`),
    otlp: resolveOtlp(reader, signal),
    batch: readBatch(reader, processor),
  };
}

function readBatch(reader: VariableReader, processor: 'BSP' | 'BLRP'): BatchConfig {
  return {
    scheduleDelayMillis: reader.integer(`OTEL_${processor}_SCHEDULE_DELAY`),
    exportTimeoutMillis: reader.integer(`OTEL_${processor}_EXPORT_TIMEOUT`),
    maxQueueSize: reader.integer(`OTEL_${processor}_MAX_QUEUE_SIZE`),
    maxExportBatchSize: reader.integerAtMost(
      `OTEL_${processor}_MAX_EXPORT_BATCH_SIZE`,
      `OTEL_${processor}_MAX_QUEUE_SIZE`,
    ),
  };
}

function readMetrics(reader: VariableReader): MetricsConfig {
  return {
    exporters: reader.list('OTEL_METRICS_EXPORTER'),
    otlp: resolveOtlp(reader, 'METRICS'),
    exportIntervalMillis: reader.integer('OTEL_METRIC_EXPORT_INTERVAL'),
    exportTimeoutMillis: reader.integer('OTEL_METRIC_EXPORT_TIMEOUT'),
    temporality: reader.enum('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'),
    histogramAggregation: reader.enum('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'),
  };
}

function readSelfMetrics(reader: VariableReader): SelfMetricsConfig {
  return {
    file: reader.place('SWANSONG_SELF_METRICS_FILE'),
    fileMaxBytes: reader.integer('SWANSONG_SELF_METRICS_FILE_MAX_SIZE'),
    fileMaxTotalBytes: reader.integer('SWANSONG_SELF_METRICS_FILE_MAX_TOTAL_SIZE'),
    http: reader.place('SWANSONG_SELF_METRICS_HTTP'),
    httpAllowedHosts: reader.hosts('SWANSONG_SELF_METRICS_HTTP_ALLOWED_HOSTS'),
    otlpEndpoint: reader.place('SWANSONG_SELF_METRICS_OTLP'),
    otlpHeaders: reader.headers('SWANSONG_SELF_METRICS_OTLP_HEADERS'),
    intervalMillis: reader.integer('SWANSONG_SELF_METRICS_INTERVAL'),
  };
}

export function deepFreeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) if (isObject(member)) deepFreeze(member);
  return Object.freeze(value);
}
