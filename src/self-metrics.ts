/**
 * Metrics of a program about itself, on a pipeline that shares no provider, reader or exporter with the application's telemetry.
 * So they are still exported when that telemetry is stuck.
 */

import { diag, type Meter } from '@opentelemetry/api';
import { applicationProgram, followProcessManager } from './application/started-program.ts';
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
 * `collector.active_resources`, `collector.memory.alloc_mb` and the others in docs/self-metrics.md. Call it once.
 *
 * @param meter where they are created. Default: the meter of each pipeline that `startSelfMetrics()` or the preload runs in this
 * thread, also if it is started later; what is counted while none runs is lost.
 */
export function createCollectorMetrics<Reason extends string = never>(
  meter?: Meter,
  options?: CollectorMetricsOptions<Reason>,
): CollectorMetrics<InvalidReason | Reason> {
  return meter === undefined ? createDefaultCollectorMetrics(options) : createOn(meter, options);
}

/**
 * Starts a separate pipeline of metrics with up to three exporters: a file of JSON lines (OTLP), an HTTP endpoint, another
 * collector. If the options have none of them, those of the variables SWANSONG_SELF_METRICS_* are used; if the preload has
 * already started a pipeline by these variables, that one is returned.
 *
 * A port in use or a file that cannot be written is reported in one line; the rest works, and the file is tried again. Nothing
 * here keeps the process alive.
 *
 * @throws TypeError on invalid options, before anything is started
 */
export function startSelfMetrics(options: SelfMetricsOptions = {}): SelfMetrics {
  followProcessManager(process.env);
  const { config } = resolveConfig(process.env);
  const host: SelfMetricsHost = {
    config,
    resource: createResource(config.resource, applicationProgram()),
    scope: { name: `${DISTRIBUTION_NAME}/self-metrics`, version: VERSION },
    report: reporter(config.logLevel),
    observeRuntime,
    sdk: findRunningSdk(),
  };
  return startSelfMetricsOn(host, options);
}

/** With the preload, its `diag` logger writes the lines. */
function reporter(logLevel: LogLevel): (line: string) => void {
  if (wasPreloaded()) return (line) => diag.warn(line);
  const writes = logLevel !== 'none' && logLevel !== 'error';
  return writes ? (line) => console.error(`swansong: ${line}`) : () => {};
}
