import { ValueType } from '@opentelemetry/api';
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import { mapped } from '../values/mapped.ts';
import type { Losses } from './losses.ts';
import { isInt64 } from './json-values.ts';
import { isText, isTextOrMissing, mendScope, text } from './mend-items.ts';
import { isOtlpTime } from './otlp-time.ts';

/** The collection without metrics and data points that a backend would refuse; the same object if there are none. */
export function mendCollection(collection: ResourceMetrics, losses: Losses): ResourceMetrics | undefined {
  return withMetrics(collection, (metric) => mendMetric(metric, losses), losses);
}

/**
 * The part of a collection that the serializer accepts, for one that makes it throw: tested metric by metric, and for those that
 * throw, point by point.
 * @param serializes whether a collection can be serialised
 */
export function salvageCollection(
  collection: ResourceMetrics,
  serializes: (part: ResourceMetrics) => boolean,
  error: Error,
  losses: Losses,
): ResourceMetrics | undefined {
  const { resource } = collection;
  return withMetrics(
    collection,
    (metric, { scope }) => {
      const fits = (part: MetricData | undefined): boolean =>
        part !== undefined && serializes({ resource, scopeMetrics: [{ scope, metrics: [part] }] });
      if (fits(metric)) return metric;
      const parts = onePointEach(metric);
      return withPoints(metric, (_point, index) => fits(parts[index]), error.message, losses);
    },
    losses,
  );
}

function withMetrics(
  collection: ResourceMetrics,
  change: (metric: MetricData, of: ScopeMetrics) => MetricData | undefined,
  losses: Losses,
): ResourceMetrics | undefined {
  const scopeMetrics = mapped(collection.scopeMetrics, (of) => {
    const metrics = mapped(of.metrics, (metric) => change(metric, of));
    if (metrics.length === 0 && of.metrics.length > 0) return undefined;
    const scope = mendScope(of.scope);
    return metrics === of.metrics && scope === of.scope ? of : { scope, metrics: [...metrics] };
  });
  if (scopeMetrics.length === 0 && collection.scopeMetrics.length > 0) {
    losses.addItem(0, 'no metric of the collection is valid');
    return undefined;
  }
  return scopeMetrics === collection.scopeMetrics
    ? collection
    : { resource: collection.resource, scopeMetrics: [...scopeMetrics] };
}

function mendMetric(metric: MetricData, losses: Losses): MetricData | undefined {
  const { name, description, unit, valueType } = metric.descriptor;
  if (!isText(name)) {
    losses.addPart(Math.max(1, metric.dataPoints.length), 'a metric has no name');
    return undefined;
  }
  const kept = withPoints(metric, isValidPoint, `a data point of ${name} has no valid time or value`, losses);
  if (kept === undefined) return undefined;
  const asDoubles = valueType === ValueType.INT && !hasOnlyInt64(kept);
  if (!asDoubles && isTextOrMissing(description) && isTextOrMissing(unit)) return kept;
  const descriptor = {
    ...metric.descriptor,
    description: text(description) ?? '',
    unit: text(unit) ?? '',
    valueType: asDoubles ? ValueType.DOUBLE : valueType,
  };
  return { ...kept, descriptor };
}

/** An integer beyond 64 bits is sent as a double, which it is in JavaScript anyway. */
function hasOnlyInt64(metric: MetricData): boolean {
  if (metric.dataPointType !== DataPointType.SUM && metric.dataPointType !== DataPointType.GAUGE) return true;
  return metric.dataPoints.every(({ value }) => isInt64(value));
}

function isValidPoint({ startTime, endTime, value }: DataPoint<unknown>): boolean {
  return (
    isOtlpTime(startTime) &&
    isOtlpTime(endTime) &&
    (typeof value === 'number' || (typeof value === 'object' && value !== null && hasGoodBuckets(value)))
  );
}

function hasGoodBuckets(value: object): boolean {
  const { buckets }: { readonly buckets?: Partial<Histogram['buckets']> } = value;
  return buckets?.boundaries?.every(isBound) ?? true;
}

export function isBound(value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(value);
}

type Keeps = (point: DataPoint<unknown>, index: number) => boolean;

function withPoints(metric: MetricData, keeps: Keeps, why: string, losses: Losses): MetricData | undefined {
  const kept = filterPoints(metric, keeps);
  const lost = metric.dataPoints.length - kept.dataPoints.length;
  if (lost > 0) losses.addPart(lost, why);
  return kept.dataPoints.length === 0 && lost > 0 ? undefined : kept;
}

// One case for each type, although the code is the same: the type of the points depends on the type of the metric.

function filterPoints(metric: MetricData, keeps: Keeps): MetricData {
  const dropped = new Set<unknown>();
  for (const [index, point] of metric.dataPoints.entries()) if (!keeps(point, index)) dropped.add(point);
  if (dropped.size === 0) return metric;
  const isKept = (point: unknown): boolean => !dropped.has(point);
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return { ...metric, dataPoints: metric.dataPoints.filter(isKept) };
    case DataPointType.GAUGE:
      return { ...metric, dataPoints: metric.dataPoints.filter(isKept) };
    case DataPointType.HISTOGRAM:
      return { ...metric, dataPoints: metric.dataPoints.filter(isKept) };
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return { ...metric, dataPoints: metric.dataPoints.filter(isKept) };
  }
}

function onePointEach(metric: MetricData): MetricData[] {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.dataPoints.map((point) => ({ ...metric, dataPoints: [point] }));
    case DataPointType.GAUGE:
      return metric.dataPoints.map((point) => ({ ...metric, dataPoints: [point] }));
    case DataPointType.HISTOGRAM:
      return metric.dataPoints.map((point) => ({ ...metric, dataPoints: [point] }));
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return metric.dataPoints.map((point) => ({ ...metric, dataPoints: [point] }));
  }
}
