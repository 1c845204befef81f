/**
 * Metrics of a program about itself, on a pipeline that shares nothing with the one by which it is observed: no provider, no
 * reader, no exporter. So it goes on telling when the other one is stuck.
 */

import { diag, type Meter } from '@opentelemetry/api';
import type { LogLevel } from './config/config.ts';
import { DISTRIBUTION_NAME, VERSION } from './config/distribution.ts';
import { resolveConfig } from './config/resolve-config.ts';
import { observeRuntime } from './instrumentation/runtime.ts';
import { wasPreloaded } from './sdk/preload-mark.ts';
import { createResource } from './sdk/resource.ts';
import { findRunningSdk } from './sdk/running-sdk.ts';
import {
  type CollectorMetrics,
  type CollectorMetricsOptions,
  createCollectorMetrics as createOn,
} from './self-metrics/collector-metrics.ts';
import { createDefaultCollectorMetrics } from './self-metrics/default-collector-metrics.ts';
import type { InvalidReason } from './self-metrics/invalid-reason.ts';
import type { SelfMetrics } from './self-metrics/pipeline.ts';
import type { SelfMetricsOptions } from './self-metrics/self-metrics-options.ts';
import { type SelfMetricsHost, startSelfMetricsOn } from './self-metrics/start-self-metrics.ts';

export type { CollectorMetrics, CollectorMetricsOptions } from './self-metrics/collector-metrics.ts';
export { INVALID_REASONS, type InvalidReason } from './self-metrics/invalid-reason.ts';
export type { SelfMetrics } from './self-metrics/pipeline.ts';
export type {
  SelfMetricsReport,
  SelfMetricsShutdownOptions,
  SelfMetricsExporterReport,
} from './self-metrics/self-metrics-report.ts';
export type { SelfMetricsFile, SelfMetricsOptions, SelfMetricsOtlp } from './self-metrics/self-metrics-options.ts';

/**
 * The metrics of a collector: `collector.events.received`, `collector.events.invalid`, `collector.storage.write_duration_ms`,
 * `collector.active_resources`, `collector.memory.alloc_mb` and what stands beside them. Call it once.
 *
 * @param meter where they are created. Default: that of the pipeline that `startSelfMetrics()` or the preload runs in this
 * thread, also when it is started later; what is counted while none runs is counted nowhere.
 */
export function createCollectorMetrics<Reason extends string = never>(
  meter?: Meter,
  options?: CollectorMetricsOptions<Reason>,
): CollectorMetrics<InvalidReason | Reason> {
  return meter === undefined ? createDefaultCollectorMetrics(options) : createOn(meter, options);
}

/**
 * Starts a pipeline of metrics of its own, with any of three ways out: a file of JSON lines (OTLP), an HTTP endpoint, another
 * collector. Without a way out in the options those of the variables SWANSONG_SELF_METRICS_* hold; where the preload has
 * started a pipeline by them already, that one is returned.
 *
 * A port in use or a file that cannot be written costs one line; the rest works, and the file is tried again. Nothing of it
 * keeps the process alive.
 *
 * @throws TypeError on invalid options, before anything is started
 */
export function startSelfMetrics(options: SelfMetricsOptions = {}): SelfMetrics {
  const { config } = resolveConfig(process.env);
  const host: SelfMetricsHost = {
    config,
    resource: createResource(config.resource, process.argv[1]),
    scope: { name: `${DISTRIBUTION_NAME}/self-metrics`, version: VERSION },
    report: reporter(config.logLevel),
    observeRuntime,
    sdk: findRunningSdk(),
  };
  return startSelfMetricsOn(host, options);
}

/** With the preload its logger writes, which knows what it has said already. */
function reporter(logLevel: LogLevel): (line: string) => void {
  if (wasPreloaded()) return (line) => diag.warn(line);
  const writes = logLevel !== 'none' && logLevel !== 'error';
  return writes ? (line) => console.error(`swansong: ${line}`) : () => {};
}
