import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { applicationProgram } from '../application/started-program.ts';
import type { Config } from '../config/config.ts';
import { UnwoundContextManager } from '../errors/unwound-context.ts';
import { CountingSampler } from '../sdk-metrics/counting-sampler.ts';
import { compose, type Composition } from './composition.ts';
import { createLogRecordProcessors, createMetricReaders, createSpanProcessors } from './export/processors.ts';
import type { StandardOutput } from './export/line-output.ts';
import { IdPool } from './id-pool.ts';
import { LogBodies } from './log-bodies.ts';
import { createPropagator } from './propagator.ts';
import { createResource } from './resource.ts';
import { createSampler } from './sampler.ts';

/** The configuration of NodeSDK, complete: NodeSDK reads from the environment only what is missing in it. */
export interface NodeSdkParts extends Required<
  Pick<
    NodeSDKConfiguration,
    | 'resource'
    | 'autoDetectResources'
    | 'sampler'
    | 'idGenerator'
    | 'spanLimits'
    | 'spanProcessors'
    | 'logRecordProcessors'
    | 'metricReaders'
    | 'textMapPropagator'
    | 'instrumentations'
  >
> {
  readonly contextManager: UnwoundContextManager;
  /** NodeSDK has no option for them: see node-sdk-environment.ts. */
  readonly logRecordLimits: Config['logRecordLimits'];
}

/** The parts that are used even when the SDK is disabled. */
export function createPropagation(config: Config): Pick<NodeSdkParts, 'textMapPropagator' | 'contextManager'> {
  return { textMapPropagator: createPropagator(config.propagators), contextManager: new UnwoundContextManager() };
}

/** Creates the parts of a NodeSDK from the configuration. Registers nothing. */
export function composeNodeSdk(
  config: Config,
  standardOutput: StandardOutput,
): Composition & { readonly parts: NodeSdkParts } {
  const sampler = new CountingSampler(createSampler(config.sampler));
  const composition = compose(config, standardOutput, (context) => ({
    spans: createSpanProcessors(config.traces, context),
    logs: createLogRecordProcessors(config.logs, context),
    metrics: createMetricReaders(config.metrics, context),
    others: [],
    startedSpans: () => sampler.started(),
  }));
  const { liveSpans, createdLogRecords } = composition;
  const { spans, logs, metrics } = composition.exports;
  return {
    ...composition,
    parts: {
      resource: createResource(config.resource, applicationProgram()),
      autoDetectResources: false,
      sampler,
      idGenerator: new IdPool(),
      spanLimits: config.spanLimits,
      logRecordLimits: config.logRecordLimits,
      spanProcessors: spans.processors.length === 0 ? [] : [liveSpans, ...spans.processors],
      logRecordProcessors: logs.processors.length === 0 ? [] : [createdLogRecords, new LogBodies(), ...logs.processors],
      metricReaders: [...metrics.processors],
      ...createPropagation(config),
      instrumentations: [],
    },
  };
}
