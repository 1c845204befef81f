import type { Config } from '../config/config.ts';
import { VERSION } from '../config/distribution.ts';
import { observeSdk } from '../sdk-metrics/observe-sdk.ts';
import { Lifecycle } from '../shutdown/lifecycle.ts';
import { Shutdown } from '../shutdown/shutdown.ts';
import type { Composition } from './node-sdk-configuration.ts';
import { isAttributeValue, readableAttributes } from './guard/guarded-method.ts';
import { publishRunningSdk } from './running-sdk.ts';
import type { Undo } from './undo.ts';
import { type EndingsOptions, watchEndings } from './watch-endings.ts';

export interface RunOptions extends Omit<EndingsOptions, 'lifecycle' | 'undo'> {
  /** Ends what runs beside the SDK: sampling the event loop is of no use once nothing is exported. */
  readonly stop: () => void;
}

/** Watches the endings of the process, and makes the SDK what the functions of `swansong` talk to. */
export function runSdk(config: Config, composition: Composition, { stop, ...options }: RunOptions, undo: Undo): void {
  const { telemetry, connections } = composition;
  const lifecycle = new Lifecycle({ logger: options.logger, counts: () => telemetry.counts() });
  undo.add(() => lifecycle.cancel());
  undo.add(() => telemetry.stop());
  const recorder = watchEndings(config, composition, { ...options, lifecycle, undo });
  const stopAll = (): void => {
    stop();
    telemetry.stop();
  };
  const shutdown = new Shutdown({ ...telemetry, stop: stopAll }, lifecycle, config.shutdownTimeoutMillis);
  undo.add(
    publishRunningSdk({
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
    }),
  );
}
