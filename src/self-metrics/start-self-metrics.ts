import type { Meter } from '@opentelemetry/api';
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { Config } from '../config/config.ts';
import type { Deadline } from '../deadline/deadline.ts';
import { type PipelineOptions, type SelfMetrics, startPipeline } from './pipeline.ts';
import { addPipeline, removePipeline, type RunningPipeline, runningPipelines } from './running-pipelines.ts';
import { hasExporter, type SelfMetricsOptions, toPlan } from './self-metrics-options.ts';

/** What a pipeline of self-metrics needs from its caller: this folder depends on no SDK and reads no environment variable. */
export interface SelfMetricsHost extends Pick<PipelineOptions, 'scope' | 'report' | 'observeRuntime'> {
  readonly config: Config;
  /** The resource of the application. */
  readonly resource: Resource;
  /** The SDK that swansong runs in this thread, if any. */
  readonly sdk:
    | { observeBy(meter: Meter): void; addLastStep(step: (deadline: Deadline) => Promise<unknown>): void }
    | undefined;
}

/**
 * Starts a pipeline with the exporters of the options, or with those of the variables if the options have none. If a pipeline
 * with those of the variables runs already, it is returned and no second one is started.
 * @throws TypeError on invalid options, before anything is started
 */
export function startSelfMetricsOn(host: SelfMetricsHost, options: SelfMetricsOptions): SelfMetrics {
  const { config, resource, scope, observeRuntime, sdk } = host;
  const plan = toPlan(options, config.selfMetrics);
  const byVariables = !hasExporter(options);
  if (byVariables) {
    for (const running of runningPipelines()) if (running.byVariables) return running.selfMetrics;
  }
  const isOff = byVariables && config.disabled;
  const selfMetrics = startPipeline(isOff ? { ...plan, file: undefined, http: undefined, otlp: undefined } : plan, {
    // `resource` has its own service.instance.id: this is a different source from the application's telemetry.
    resource: defaultResource().merge(resource).merge(resourceFromAttributes(plan.resource)),
    scope,
    report: options.report ?? host.report,
    observeRuntime,
    observeSdk: (meter) => sdk?.observeBy(meter),
    onEnd: () => removePipeline(running),
  });
  const running: RunningPipeline = { selfMetrics, byVariables };
  addPipeline(running);
  // The preload discards the returned object, so the SDK's `shutdown()` has to end this pipeline.
  if (byVariables) sdk?.addLastStep(({ remainingMillis }) => selfMetrics.shutdown({ timeoutMillis: remainingMillis }));
  return selfMetrics;
}
