import type { OtlpFiles } from './otlp-files.ts';

/** The histogram of request durations; its counts are the requests that a service has answered. */
export const REQUEST_DURATION = 'http.server.request.duration';

export interface MetricsSummary {
  /** Each name once, sorted. */
  readonly names: readonly string[];
  /** Number of data points that arrived. */
  readonly dataPoints: number;
}

export function summarizeMetrics({ metrics }: OtlpFiles): MetricsSummary {
  return {
    names: [...new Set(metrics.map(({ name }) => name))].toSorted(),
    dataPoints: metrics.reduce((count, metric) => count + dataPointsOf(metric).length, 0),
  };
}

/** Requests that the service has answered, by its metrics. They are cumulative, so only the latest counts. */
export function requestsAnswered({ metrics }: OtlpFiles, service: string): number {
  const latest = metrics.findLast((metric) => metric.name === REQUEST_DURATION && metric.service === service);
  return latest === undefined ? 0 : dataPointsOf(latest).reduce((sum, { count = '0' }) => sum + Number(count), 0);
}

function dataPointsOf({ gauge, sum, histogram }: OtlpFiles['metrics'][number]): readonly { readonly count?: string }[] {
  return (gauge ?? sum ?? histogram)?.dataPoints ?? [];
}
