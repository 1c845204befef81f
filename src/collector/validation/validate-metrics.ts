import type { InvalidReason } from '../../self-metrics/invalid-reason.ts';
import { type CanonicalMessage, type CanonicalValue, isMessage, listOf } from '../codec/canonical.ts';
import { removeInvalidIds } from './identifiers.ts';
import type { ItemCounts } from './item-counts.ts';
import { keepValid, scopesOf, setList } from './validate-items.ts';

const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;
type Kind = (typeof KINDS)[number];

/** The kinds that have an aggregation temporality. */
const HAVE_TEMPORALITY: ReadonlySet<Kind> = new Set<Kind>(['sum', 'histogram', 'exponentialHistogram']);
const DELTA = 1;
const CUMULATIVE = 2;

/** metrics.proto. The items are data points; an invalid metric counts as all of its data points, at least one. */
export function validateMetrics(data: CanonicalMessage, counts: ItemCounts): void {
  for (const scope of scopesOf(data, 'resourceMetrics', 'scopeMetrics')) {
    const metrics = listOf(scope, 'metrics');
    const kept = metrics.filter((metric) => isMessage(metric) && keepMetric(metric, counts));
    if (kept.length < metrics.length) setList(scope, 'metrics', kept);
  }
}

function keepMetric(metric: CanonicalMessage, counts: ItemCounts): boolean {
  const found = dataOf(metric);
  const reason = found === undefined ? 'bad_metric_data' : checkMetric(metric, found.kind, found.data);
  if (found === undefined || reason !== undefined) {
    const points = found === undefined ? 0 : listOf(found.data, 'dataPoints').length;
    counts.received += Math.max(1, points);
    counts.reject(reason ?? 'bad_metric_data', Math.max(1, points));
    return false;
  }
  const { kind, data } = found;
  const before = counts.rejected;
  keepValid(data, 'dataPoints', kind === 'histogram' ? checkHistogramPoint : checkPoint, counts);
  return counts.rejected === before || listOf(data, 'dataPoints').length > 0;
}

function dataOf(metric: CanonicalMessage): { readonly kind: Kind; readonly data: CanonicalMessage } | undefined {
  for (const kind of KINDS) {
    const data: CanonicalValue | undefined = metric[kind];
    if (isMessage(data)) return { kind, data };
  }
  return undefined;
}

function checkMetric(metric: CanonicalMessage, kind: Kind, data: CanonicalMessage): InvalidReason | undefined {
  if (metric['name'] === undefined) return 'missing_name';
  if (!HAVE_TEMPORALITY.has(kind)) return undefined;
  const temporality = data['aggregationTemporality'];
  return temporality === DELTA || temporality === CUMULATIVE ? undefined : 'invalid_temporality';
}

function checkPoint(point: CanonicalMessage): InvalidReason | undefined {
  if (point['timeUnixNano'] === undefined) return 'missing_time';
  for (const exemplar of listOf(point, 'exemplars')) if (isMessage(exemplar)) removeInvalidIds(exemplar);
  return undefined;
}

/** One bucket more than boundaries, or neither buckets nor boundaries. */
function checkHistogramPoint(point: CanonicalMessage): InvalidReason | undefined {
  const counts = listOf(point, 'bucketCounts').length;
  const bounds = listOf(point, 'explicitBounds').length;
  if (counts !== bounds + 1 && (counts !== 0 || bounds !== 0)) return 'bucket_mismatch';
  return checkPoint(point);
}
