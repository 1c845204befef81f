import {
  type CollectorMetrics,
  type CollectorMetricsOptions,
  checkOptions,
  createCollectorMetrics,
  timeWriteWith,
} from './collector-metrics.ts';
import type { InvalidReason } from './invalid-reason.ts';
import { type RunningPipeline, watchPipelines } from './running-pipelines.ts';

/** Records on every pipeline that runs in this thread, now or later. What is counted while none runs is lost. */
export function createDefaultCollectorMetrics<Reason extends string = never>(
  options: CollectorMetricsOptions<Reason> = {},
): CollectorMetrics<InvalidReason | Reason> {
  // Now: a pipeline that starts later must not fail because of them.
  checkOptions(options);
  type Each = CollectorMetrics<InvalidReason | Reason>;
  const all = new Map<RunningPipeline, Each>();
  /** Each `observeWaiting` that has not been stopped, with the functions that stop it on the running pipelines. */
  const observing = new Map<(each: Each) => () => void, Map<RunningPipeline, () => void>>();
  watchPipelines((pipeline, event) => {
    if (event === 'started') {
      const each = createCollectorMetrics(pipeline.selfMetrics.meter, options);
      all.set(pipeline, each);
      for (const [observe, ends] of observing) ends.set(pipeline, observe(each));
    } else {
      all.delete(pipeline);
      for (const ends of observing.values()) ends.delete(pipeline);
    }
  });
  const metrics: Each = {
    received(count, attributes) {
      for (const each of all.values()) each.received(count, attributes);
    },
    invalid(count, attributes) {
      for (const each of all.values()) each.invalid(count, attributes);
    },
    refused(count, attributes) {
      for (const each of all.values()) each.refused(count, attributes);
    },
    observeWaiting(read, attributes) {
      const observe = (each: Each): (() => void) => each.observeWaiting(read, attributes);
      const ends = new Map(Array.from(all, ([pipeline, each]) => [pipeline, observe(each)]));
      observing.set(observe, ends);
      return () => {
        observing.delete(observe);
        for (const end of ends.values()) end();
      };
    },
    recordWrite(millis, attributes) {
      for (const each of all.values()) each.recordWrite(millis, attributes);
    },
    timeWrite: (write, attributes) => timeWriteWith(metrics, write, attributes),
  };
  return metrics;
}
