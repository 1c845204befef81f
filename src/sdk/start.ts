import { diag, logs, metrics } from '@opentelemetry/api';
import type { ConfigFileResult, ReadConfigFile } from '../config/config-file-result.ts';
import { describeConfig } from '../config/describe-config.ts';
import { resolveConfig } from '../config/resolve-config.ts';
import { UnwoundContextManager } from '../errors/unwound-context.ts';
import { observeSdk } from '../sdk-metrics/observe-sdk.ts';
import { Lifecycle } from '../shutdown/lifecycle.ts';
import { Shutdown } from '../shutdown/shutdown.ts';
import { createSdk, type Outlets } from './node-sdk-configuration.ts';
import { createDiagLogger, DIAG_LEVELS } from './diag-logger.ts';
import { findForeignRegistration, publishPropagation, publishProviders, withdraw } from './global-api.ts';
import { startInstrumentations } from '../instrumentation/start-instrumentations.ts';
import { createPropagator } from './propagator.ts';
import { publishRunningSdk } from './running-sdk.ts';
import { DISTRIBUTION_NAME, VERSION } from '../config/distribution.ts';
import { watchEndings } from './watch-endings.ts';

export interface StartOptions extends Outlets {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line for people, on stderr. */
  readonly writeLine: (line: string) => void;
  /** Path of the program that delivers when the process ends. */
  readonly exitWorker: string;
  /** Loads what reads the file of OTEL_CONFIG_FILE: asked for only where the variable is set. */
  readonly readConfigFile: ReadConfigFile;
}

/**
 * Starts swansong in this thread: everything is created first, then published; what fails half way is taken back.
 * @throws Error when it cannot start; the application then has OpenTelemetry's no-op API
 */
export function start(options: StartOptions): void {
  const { env, writeLine, exitWorker } = options;
  const foreign = findForeignRegistration();
  if (foreign !== undefined) {
    writeLine(
      `swansong: another OpenTelemetry SDK has already registered ${foreign}; swansong stays off. Preload swansong before it.`,
    );
    return;
  }
  const resolved = resolve(options);
  if (resolved.status === 'refused') {
    // Not by the log level, which stands in the file. Without propagators either: they stand there, too.
    writeLine(`swansong: ${resolved.problem}; the application runs without telemetry`);
    return;
  }
  const { config, warnings } = resolved;
  diag.setLogger(createDiagLogger(writeLine), {
    logLevel: DIAG_LEVELS[config.logLevel],
    suppressOverrideMessage: true,
  });
  for (const warning of warnings) diag.warn(warning);
  const propagation = { propagator: createPropagator(config.propagators), contextManager: new UnwoundContextManager() };
  if (config.disabled) {
    publishPropagation(propagation);
    return;
  }
  for (const line of resolved.description) diag.debug(line);
  const sdk = createSdk(config, options);
  if (!publishProviders(sdk.providers, propagation)) throw new Error('the OpenTelemetry API refused the registration');
  try {
    const { telemetry, backends } = sdk;
    const logger = logs.getLogger(DISTRIBUTION_NAME, VERSION);
    const lifecycle = new Lifecycle({ logger, counts: () => telemetry.counts() });
    const { contextManager } = propagation;
    const recorder = watchEndings(config, sdk, { env, exitWorker, contextManager, logger, lifecycle });
    let stopInstrumentations = (): void => {};
    const stop = (): void => {
      stopInstrumentations();
      telemetry.stop();
    };
    const shutdown = new Shutdown({ ...telemetry, stop }, lifecycle, config.shutdownTimeoutMillis);
    publishRunningSdk({
      version: VERSION,
      forceFlush: (flushOptions) => shutdown.forceFlush(flushOptions),
      shutdown: (shutdownOptions) => shutdown.shutdown(shutdownOptions),
      stopping: (reason) => lifecycle.stopping(reason),
      observeBy: (meter) => observeSdk(meter, sdk.metricsSources),
      addLastStep: (step) => shutdown.addLastStep(step),
      status: () => ({ backend: backends.state, lastError: backends.lastError, ...telemetry.counts() }),
      reportError: (error, attributes) => {
        recorder.record(error, { severity: 'ERROR', ...(attributes === undefined ? {} : { attributes }) });
      },
    });
    if (config.sdkMetrics) observeSdk(metrics.getMeter(DISTRIBUTION_NAME, VERSION), sdk.metricsSources);
    stopInstrumentations = startInstrumentations(config.instrumentations);
  } catch (error) {
    withdraw();
    throw error;
  }
}

/** From the file where one is named: it takes the place of all variables, whose values are not even looked at. */
function resolve({ env, readConfigFile }: StartOptions): ConfigFileResult {
  const file = env['OTEL_CONFIG_FILE']?.trim() ?? '';
  if (file !== '') return readConfigFile(file, env);
  return { status: 'resolved', ...resolveConfig(env), description: describeConfig(env) };
}
