import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';

/** The values of the last collection, to find out whether the next one differs. 8 bytes per number; a histogram has two. */
export class CollectedValues {
  readonly #ignoredScopes: ReadonlySet<string>;
  #values: Float64Array = new Float64Array();

  /** @param ignoredScopes instrumentation scopes to be ignored, whose metrics change all the time */
  constructor(ignoredScopes: ReadonlySet<string>) {
    this.#ignoredScopes = ignoredScopes;
  }

  /** Whether it has values that the last collection does not have. */
  differFrom(collected: ResourceMetrics): boolean {
    const metrics = this.#metricsOf(collected);
    if (metrics.some(isNewInterval)) return true;
    const values = valuesOf(metrics);
    return (
      values.length !== this.#values.length || values.some((value, index) => !Object.is(value, this.#values[index]))
    );
  }

  remember(collected: ResourceMetrics): void {
    this.#values = valuesOf(this.#metricsOf(collected));
  }

  #metricsOf({ scopeMetrics }: ResourceMetrics): readonly MetricData[] {
    return scopeMetrics.flatMap(({ scope, metrics }) => (this.#ignoredScopes.has(scope.name) ? [] : metrics));
  }
}

/** With delta temporality every number but 0 was recorded in this interval, even if the last interval had the same. */
function isNewInterval(metric: MetricData): boolean {
  if (!isDelta(metric)) return false;
  return metric.dataPoints.some(({ value }) => (typeof value === 'number' ? value : value.count) !== 0);
}

function isDelta({ aggregationTemporality, dataPointType }: MetricData): boolean {
  return aggregationTemporality === AggregationTemporality.DELTA && dataPointType !== DataPointType.GAUGE;
}

function valuesOf(metrics: readonly MetricData[]): Float64Array {
  const values: number[] = [];
  for (const metric of metrics) {
    if (isDelta(metric)) continue;
    for (const { value } of metric.dataPoints) {
      if (typeof value === 'number') values.push(value);
      else values.push(value.count, value.sum ?? 0);
    }
  }
  return Float64Array.from(values);
}
