import { diag, logs, metrics } from '@opentelemetry/api';
import { followProcessManager } from '../application/started-program.ts';
import type { ConfigFileResult, ReadConfigFile } from '../config/config-file-result.ts';
import type { Config } from '../config/config.ts';
import { describeConfig } from '../config/describe-config.ts';
import { DISTRIBUTION_NAME, VERSION } from '../config/distribution.ts';
import { resolveConfig } from '../config/resolve-config.ts';
import { builtInPackages, startInstrumentations } from '../instrumentation/start-instrumentations.ts';
import { observeSdk } from '../sdk-metrics/observe-sdk.ts';
import { AnotherSdk } from './another-sdk.ts';
import { createDiagLogger, DIAG_LEVELS } from './diag-logger.ts';
import type { StandardOutput } from './export/line-output.ts';
import { findForeignRegistration, registerPropagation, unregisterAll } from './global-api.ts';
import { publishForLegacyLogsApi } from './legacy-logs.ts';
import { createNewerApiWarning, warnLater } from './newer-api.ts';
import { composeNodeSdk, createPropagation } from './node-sdk-configuration.ts';
import { runSdk } from './run-sdk.ts';
import { startNodeSdk } from './start-node-sdk.ts';
import { Undo } from './undo.ts';

export interface StartOptions extends StandardOutput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes a line on stderr. */
  readonly writeLine: (line: string) => void;
  /** Loads the reader of configuration files; called only if OTEL_CONFIG_FILE is set. */
  readonly readConfigFile: ReadConfigFile;
}

/**
 * Starts swansong in this thread: everything is created first, then registered; a start that fails half way leaves nothing
 * behind.
 * @throws Error when it cannot start; the application then has OpenTelemetry's no-op API
 */
export function start(options: StartOptions): void {
  const { writeLine } = options;
  const foreign = findForeignRegistration();
  if (foreign !== undefined) {
    writeLine(
      `swansong: another OpenTelemetry SDK has already registered ${foreign}; swansong stays off. Preload swansong before it.`,
    );
    return;
  }
  followProcessManager(options.env);
  const resolved = resolve(options);
  if (resolved.status === 'refused') {
    // Whatever the log level: it is in the file. Without propagators: so are they.
    writeLine(`swansong: ${resolved.problem}; the application runs without telemetry`);
    return;
  }
  const { config, warnings, description } = resolved;
  const undo = new Undo();
  try {
    const anotherSdk = new AnotherSdk(createDiagLogger(writeLine));
    diag.setLogger(anotherSdk.logger, { logLevel: DIAG_LEVELS[config.logLevel], suppressOverrideMessage: true });
    undo.add(() => diag.disable());
    for (const warning of warnings) diag.warn(warning);
    startParts(config, description, options, anotherSdk, undo);
  } catch (error) {
    undo.run();
    throw error;
  }
}

function startParts(
  config: Config,
  description: readonly string[],
  options: StartOptions,
  anotherSdk: AnotherSdk,
  undo: Undo,
): void {
  const { env } = options;
  undo.add(unregisterAll);
  if (config.disabled) {
    registerPropagation(createPropagation(config));
    return;
  }
  for (const line of description) diag.debug(line);
  warnOfBun(process.versions['bun']);
  const composition = composeNodeSdk(config, options);
  const { parts } = composition;
  startNodeSdk(parts);
  if (parts.logRecordProcessors.length > 0) undo.add(publishForLegacyLogsApi(logs.getLoggerProvider()));
  const { instrumentations: wanted } = config;
  // Without an exporter nobody reads log records, and a line costs nothing.
  const instrumentations = parts.logRecordProcessors.length > 0 ? wanted : { ...wanted, logs: [] };
  let stopInstrumentations = (): void => {};
  const warnOfNewerApi = createNewerApiWarning();
  const recorder = runSdk(
    config,
    composition,
    {
      env,
      logger: logs.getLogger(DISTRIBUTION_NAME, VERSION),
      unwound: () => parts.contextManager.unwound,
      stop: () => stopInstrumentations(),
      onEnd: warnOfNewerApi,
      identity: {
        startedBy: 'preload',
        instruments: builtInPackages(instrumentations),
        anotherSdkReported: () => anotherSdk.reported(),
      },
    },
    undo,
  );
  if (config.sdkMetrics) observeSdk(metrics.getMeter(DISTRIBUTION_NAME, VERSION), composition.metricsSources);
  stopInstrumentations = startInstrumentations(instrumentations, parts.contextManager.store, recorder);
  warnLater(warnOfNewerApi);
}

/** Its diagnostics channels are silent, and its `exit` event waits for no worker (tried with 1.4). */
function warnOfBun(version: string | undefined): void {
  if (version === undefined) return;
  diag.warn(
    `this is Bun ${version}, not Node.js: requests are not recorded, and nothing is delivered at the end of the process; call forceFlush() before it`,
  );
}

/** Reads the file of OTEL_CONFIG_FILE if it is set: it replaces all variables, whose values are then not even read. */
function resolve({ env, readConfigFile }: StartOptions): ConfigFileResult {
  const file = env['OTEL_CONFIG_FILE']?.trim() ?? '';
  if (file !== '') return readConfigFile(file, env);
  return { status: 'resolved', ...resolveConfig(env), description: describeConfig(env) };
}
