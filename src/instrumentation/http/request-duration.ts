import type { Histogram, Meter } from '@opentelemetry/api';

/** Seconds, as recommended by the semantic conventions for both metrics. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** `http.server.request.duration` or `http.client.request.duration`. */
export function createRequestDurations(meter: Meter, side: 'server' | 'client'): Histogram {
  return meter.createHistogram(`http.${side}.request.duration`, {
    description: `Duration of HTTP ${side} requests.`,
    unit: 's',
    advice: { explicitBucketBoundaries: BUCKETS },
  });
}
