import {
  type CollectorMetrics,
  type CollectorMetricsOptions,
  createCollectorMetrics,
  timeWriteWith,
} from './collector-metrics.ts';
import type { InvalidReason } from './invalid-reason.ts';
import { type RunningPipeline, watchPipelines } from './running-pipelines.ts';

/** The instruments of every pipeline that runs in this thread, now or later. While none runs, nothing is counted. */
export function createDefaultCollectorMetrics<Reason extends string = never>(
  options: CollectorMetricsOptions<Reason> = {},
): CollectorMetrics<InvalidReason | Reason> {
  const all = new Map<RunningPipeline, CollectorMetrics<InvalidReason | Reason>>();
  watchPipelines((pipeline, event) => {
    if (event === 'started') all.set(pipeline, createCollectorMetrics(pipeline.selfMetrics.meter, options));
    else all.delete(pipeline);
  });
  const metrics: CollectorMetrics<InvalidReason | Reason> = {
    received(count, attributes) {
      for (const each of all.values()) each.received(count, attributes);
    },
    invalid(count, attributes) {
      for (const each of all.values()) each.invalid(count, attributes);
    },
    recordWrite(millis, attributes) {
      for (const each of all.values()) each.recordWrite(millis, attributes);
    },
    timeWrite: (write, attributes) => timeWriteWith(metrics, write, attributes),
  };
  return metrics;
}
