import { type Link, type SpanContext, ValueType } from '@opentelemetry/api';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { anyValue, double, int64, keyValues, resource, unixNano } from './json-values.ts';

// The requests of OTLP in its JSON form, to be given to JSON.stringify: undefined fields are left out.

type Scoped = Pick<ReadableLogRecord, 'resource' | 'instrumentationScope'>;

export function traceRequest(spans: readonly ReadableSpan[]): object {
  return { resourceSpans: byResource(spans, 'scopeSpans', 'spans', span) };
}

export function logsRequest(records: readonly ReadableLogRecord[]): object {
  return { resourceLogs: byResource(records, 'scopeLogs', 'logRecords', logRecord) };
}

export function metricsRequest({ resource: from, scopeMetrics }: ResourceMetrics): object {
  return {
    resourceMetrics: [
      {
        resource: resource(from),
        scopeMetrics: scopeMetrics.map(({ scope: { schemaUrl, ...from }, metrics }) => ({
          scope: scope(from),
          metrics: metrics.map(metric),
          schemaUrl,
        })),
        schemaUrl: from.schemaUrl,
      },
    ],
  };
}

/** Grouped by the identity of resource and scope: the SDK uses the same objects as long as it runs. */
function byResource<T extends Scoped>(
  items: readonly T[],
  scopesField: string,
  itemsField: string,
  toJson: (item: T) => object,
): object[] {
  const resources = Map.groupBy(items, (item) => item.resource);
  return Array.from(resources, ([from, ofResource]) => ({
    resource: resource(from),
    [scopesField]: Array.from(
      Map.groupBy(ofResource, (item) => item.instrumentationScope),
      ([{ schemaUrl, ...ofScope }, ofItems]) => ({
        scope: scope(ofScope),
        [itemsField]: ofItems.map(toJson),
        schemaUrl,
      }),
    ),
    schemaUrl: from.schemaUrl,
  }));
}

function scope({ name, version, attributes, droppedAttributesCount }: Scoped['instrumentationScope']): object {
  return { name, version, attributes: attributes && keyValues(attributes), droppedAttributesCount };
}

const HAS_IS_REMOTE = 0x1_00;
const IS_REMOTE = 0x2_00;

/** The W3C flags, and whether the parent (for a link: its context) is from another process (trace.proto, `SpanFlags`). */
export function spanFlags(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0);
}

function span(item: ReadableSpan): object {
  const { traceId, spanId, traceState, traceFlags } = item.spanContext();
  const { parentSpanContext: parent, status } = item;
  return {
    traceId,
    spanId,
    parentSpanId: parent?.spanId === '' ? undefined : parent?.spanId,
    traceState: traceState?.serialize(),
    name: item.name,
    kind: item.kind + 1,
    startTimeUnixNano: unixNano(item.startTime),
    endTimeUnixNano: unixNano(item.endTime),
    attributes: keyValues(item.attributes),
    droppedAttributesCount: item.droppedAttributesCount,
    events: item.events.map(spanEvent),
    droppedEventsCount: item.droppedEventsCount,
    status: { code: status.code, message: status.message },
    links: item.links.map(spanLink),
    droppedLinksCount: item.droppedLinksCount,
    flags: spanFlags(traceFlags, parent?.isRemote),
  };
}

function spanEvent({ name, time, attributes = {}, droppedAttributesCount = 0 }: TimedEvent): object {
  return { attributes: keyValues(attributes), name, timeUnixNano: unixNano(time), droppedAttributesCount };
}

function spanLink({ context, attributes = {}, droppedAttributesCount = 0 }: Link): object {
  const { traceId, spanId, traceState, traceFlags, isRemote }: SpanContext = context;
  return {
    attributes: keyValues(attributes),
    spanId,
    traceId,
    traceState: traceState?.serialize(),
    droppedAttributesCount,
    flags: spanFlags(traceFlags, isRemote),
  };
}

function logRecord(item: ReadableLogRecord): object {
  const { spanContext } = item;
  return {
    timeUnixNano: unixNano(item.hrTime),
    observedTimeUnixNano: unixNano(item.hrTimeObserved),
    severityNumber: item.severityNumber,
    severityText: item.severityText,
    body: anyValue(item.body),
    eventName: item.eventName,
    attributes: keyValues(item.attributes),
    droppedAttributesCount: item.droppedAttributesCount,
    flags: spanContext?.traceFlags,
    traceId: spanContext?.traceId,
    spanId: spanContext?.spanId,
  };
}

/** metrics.proto, `AggregationTemporality`. */
const TEMPORALITY: Readonly<Record<AggregationTemporality, number>> = {
  [AggregationTemporality.DELTA]: 1,
  [AggregationTemporality.CUMULATIVE]: 2,
};

function metric(item: MetricData): object {
  const { name, description, unit, valueType } = item.descriptor;
  const aggregationTemporality = TEMPORALITY[item.aggregationTemporality];
  const numbers = (points: readonly DataPoint<number>[]): object[] =>
    points.map((point) => ({
      ...common(point),
      ...(valueType === ValueType.INT ? { asInt: int64(point.value) } : { asDouble: double(point.value) }),
    }));
  switch (item.dataPointType) {
    case DataPointType.SUM: {
      const { isMonotonic, dataPoints } = item;
      return { name, description, unit, sum: { aggregationTemporality, isMonotonic, dataPoints: numbers(dataPoints) } };
    }
    case DataPointType.GAUGE:
      return { name, description, unit, gauge: { dataPoints: numbers(item.dataPoints) } };
    case DataPointType.HISTOGRAM: {
      const dataPoints = item.dataPoints.map(histogramPoint);
      return { name, description, unit, histogram: { aggregationTemporality, dataPoints } };
    }
    case DataPointType.EXPONENTIAL_HISTOGRAM: {
      const dataPoints = item.dataPoints.map(exponentialPoint);
      return { name, description, unit, exponentialHistogram: { aggregationTemporality, dataPoints } };
    }
  }
}

function common({ attributes, startTime, endTime }: DataPoint<unknown>): object {
  return {
    attributes: keyValues(attributes),
    startTimeUnixNano: unixNano(startTime),
    timeUnixNano: unixNano(endTime),
  };
}

function summary({ count, sum, min, max }: Pick<Histogram, 'count' | 'sum' | 'min' | 'max'>): object {
  const optional = (value: number | undefined): ReturnType<typeof double> | undefined =>
    value === undefined ? undefined : double(value);
  return { count: int64(count), sum: optional(sum), min: optional(min), max: optional(max) };
}

function histogramPoint(point: DataPoint<Histogram>): object {
  const { buckets } = point.value;
  return {
    ...common(point),
    ...summary(point.value),
    bucketCounts: buckets.counts.map(int64),
    explicitBounds: buckets.boundaries.map(double),
  };
}

function exponentialPoint(point: DataPoint<ExponentialHistogram>): object {
  const { positive, negative, scale, zeroCount } = point.value;
  const buckets = ({ offset, bucketCounts }: typeof positive): object => ({
    offset,
    bucketCounts: bucketCounts.map(int64),
  });
  return {
    ...common(point),
    ...summary(point.value),
    scale,
    zeroCount: int64(zeroCount),
    positive: buckets(positive),
    negative: buckets(negative),
  };
}
