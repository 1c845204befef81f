import type { Config, LogLevel } from '../config.ts';
import type { NameOf } from '../variables.ts';
import type { Entry } from './entry.ts';
import { mapBatchedSignal } from './map-batched-signal.ts';
import { mapDistribution } from './map-distribution.ts';
import { mapMetrics } from './map-metrics.ts';
import { mapPropagators } from './map-propagator.ts';
import { mapResource } from './map-resource.ts';
import { mapSampler } from './map-sampler.ts';
import { toFlag, toInteger, toText } from './values.ts';

export interface MapOptions {
  /** The configuration without any variables set: the defaults. */
  readonly base: Config;
  /** OTEL_SERVICE_NAME, for the resource detector `service`. */
  readonly serviceName: string | undefined;
}

/** The configuration that the file describes. Problems and unsupported keys are added to the findings of the entry. */
export function mapConfig(file: Entry, { base, serviceName }: MapOptions): Config {
  file.key('file_format');
  const tracer = file.key('tracer_provider');
  const logger = file.key('logger_provider');
  const meter = file.key('meter_provider');
  mapUnsupported(tracer, logger);
  const config: Config = {
    ...base,
    disabled: file.key('disabled').read(toFlag) ?? false,
    logLevel: mapLogLevel(file.key('log_level')),
    resource: mapResource(file.key('resource'), serviceName),
    propagators: mapPropagators(file.key('propagator')),
    sampler: mapSampler(tracer.key('sampler')),
    ...mapLimits(file.key('attribute_limits'), tracer.key('limits'), logger.key('limits'), base),
    traces: mapBatchedSignal(tracer, 'BSP', base.traces),
    logs: mapBatchedSignal(logger, 'BLRP', base.logs),
    metrics: mapMetrics(meter, base.metrics),
    ...mapDistribution(file.key('distribution'), file.key('instrumentation/development'), base),
  };
  for (const other of file.others()) other.warn('unknown key, ignoring it');
  return config;
}

function mapUnsupported(tracer: Entry, logger: Entry): void {
  tracer.unsupported('tracer_configurator/development', 'not supported, every tracer is on');
  logger.unsupported('logger_configurator/development', 'not supported, every logger is on');
  const ids = tracer.key('id_generator');
  ids.key('random');
  for (const other of ids.others()) other.warn('this id generator is not supported, using random');
}

/** `info2` and the like count as the level without the digit. The schema has no counterpart of `none`. */
function mapLogLevel(entry: Entry): LogLevel {
  const severity = entry.read(toText)?.replace(/\d$/, '');
  switch (severity) {
    case 'trace':
      return 'verbose';
    case 'debug':
    case 'warn':
    case 'error':
      return severity;
    case 'fatal':
      return 'error';
    default:
      return 'info';
  }
}

function mapLimits(
  general: Entry,
  spans: Entry,
  logRecords: Entry,
  { spanLimits }: Config,
): Pick<Config, 'spanLimits' | 'logRecordLimits'> {
  const count =
    readCount(general, 'attribute_count_limit', 'OTEL_ATTRIBUTE_COUNT_LIMIT') ?? spanLimits.attributeCountLimit;
  const length = readLength(general) ?? spanLimits.attributeValueLengthLimit;
  return {
    spanLimits: {
      attributeCountLimit: readCount(spans, 'attribute_count_limit', 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT') ?? count,
      attributeValueLengthLimit: readLength(spans) ?? length,
      eventCountLimit:
        readCount(spans, 'event_count_limit', 'OTEL_SPAN_EVENT_COUNT_LIMIT') ?? spanLimits.eventCountLimit,
      linkCountLimit: readCount(spans, 'link_count_limit', 'OTEL_SPAN_LINK_COUNT_LIMIT') ?? spanLimits.linkCountLimit,
      attributePerEventCountLimit:
        readCount(spans, 'event_attribute_count_limit', 'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT') ??
        spanLimits.attributePerEventCountLimit,
      attributePerLinkCountLimit:
        readCount(spans, 'link_attribute_count_limit', 'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT') ??
        spanLimits.attributePerLinkCountLimit,
    },
    logRecordLimits: {
      attributeCountLimit:
        readCount(logRecords, 'attribute_count_limit', 'OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT') ?? count,
      attributeValueLengthLimit: readLength(logRecords) ?? length,
    },
  };
}

function readCount(limits: Entry, key: string, variable: NameOf<'integer'>): number | undefined {
  return limits.key(key).read(toInteger(variable));
}

/** The schema allows a length limit of 0, which the SDK (3.1) ignores. */
function readLength(limits: Entry): number | undefined {
  const entry = limits.key('attribute_value_length_limit');
  if (entry.value !== 0) return entry.read(toInteger('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'));
  entry.warn('expected at least 1 (got 0), using 1');
  entry.show('1');
  return 1;
}
