import { context, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import type { Config } from '../config/config.ts';
import { VERSION } from '../config/distribution.ts';
import type { ErrorRecorder } from '../errors/record-error.ts';
import { observeSdk } from '../sdk-metrics/observe-sdk.ts';
import { Lifecycle } from '../shutdown/lifecycle.ts';
import { Shutdown } from '../shutdown/shutdown.ts';
import type { Composition } from './composition.ts';
import { publishRunningSdk, type RunningSdk } from './running-sdk.ts';
import { isAttributeValue, readableAttributes } from './guard/guarded-method.ts';
import type { Undo } from './undo.ts';
import { type EndingsOptions, watchEndings } from './watch-endings.ts';

export interface RunOptions extends Omit<EndingsOptions, 'lifecycle' | 'undo'> {
  /** Stops what runs beside the SDK, such as sampling the event loop: after a shutdown nothing is exported. */
  readonly stop: () => void;
  readonly identity: Pick<RunningSdk, 'startedBy' | 'instruments' | 'anotherSdkReported'>;
}

/**
 * Watches for the end of the process, and publishes the SDK for the functions of `swansong`.
 * @returns what records errors
 */
export function runSdk(
  config: Config,
  composition: Composition,
  { stop, identity, ...options }: RunOptions,
  undo: Undo,
): ErrorRecorder {
  const { telemetry, connections } = composition;
  const lifecycle = new Lifecycle({ logger: options.logger, counts: () => telemetry.counts() });
  undo.add(() => lifecycle.cancel());
  undo.add(() => telemetry.stop());
  const { recorder, stopSampling } = watchEndings(config, composition, { ...options, lifecycle, undo });
  const stopAll = (): void => {
    stop();
    stopSampling();
    telemetry.stop();
  };
  const shutdown = new Shutdown({ ...telemetry, stop: stopAll }, lifecycle, config.shutdownTimeoutMillis);
  undo.add(
    publishRunningSdk({
      ...identity,
      version: VERSION,
      forceFlush: (flushOptions) => shutdown.forceFlush(flushOptions),
      shutdown: (shutdownOptions) => shutdown.shutdown(shutdownOptions),
      stopping: (reason) => lifecycle.stopping(reason),
      observeBy: (meter) => observeSdk(meter, composition.metricsSources),
      addLastStep: (step) => shutdown.addLastStep(step),
      status: () => ({ backend: connections.state, lastError: connections.lastError, ...telemetry.counts() }),
      reportError: (error, attributes) => {
        recorder.record(error, {
          severity: 'ERROR',
          attributes: readableAttributes(attributes, 'reportError', isAttributeValue),
        });
      },
      reportRequestError: (error) => {
        const active = context.active();
        const span = getRPCMetadata(active)?.span;
        const record = (): unknown => recorder.record(error, { severity: 'ERROR' });
        if (span === undefined) record();
        else context.with(trace.setSpan(active, span), record);
      },
    }),
  );
  return recorder;
}
