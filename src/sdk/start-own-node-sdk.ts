import { diag, trace } from '@opentelemetry/api';
import { createApplicationRequire } from '../application/application-require.ts';
import { resolveConfig } from '../config/resolve-config.ts';
import { read } from '../values/read.ts';
import { watchContextManager } from './adopt/context-manager.ts';
import { createOtherLogger } from './adopt/other-logger.ts';
import { findOldSdk } from './adopt/sdk-version.ts';
import { withoutRegistrations } from './adopt/without-registrations.ts';
import { createDiagLogger, DIAG_LEVELS } from './diag-logger.ts';
import type { StandardOutput } from './export/line-output.ts';
import type { OtlpPath } from './export/signal-kinds.ts';
import { registered, registeredApiVersion, registeredComponents } from './global-api.ts';
import { endpointsOf, type SwansongOptions, toEndpoint } from './endpoint-option.ts';
import { LateLogger } from './late-logger.ts';
import { composeOwnNodeSdk, type GivenParts, type OwnNodeSdkOptions, type OwnParts } from './own-node-sdk.ts';
import { runSdk } from './run-sdk.ts';
import { findRunningSdk } from './running-sdk.ts';
import { Undo } from './undo.ts';

export interface OwnNodeSdkSurroundings extends StandardOutput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes a line on stderr. */
  readonly writeLine: (line: string) => void;
}

/** Warnings about variables that swansong reads here; NodeSDK reads the others, and accepts more values for them. */
const READ_HERE =
  /^(?:OTEL_(?:TRACES|LOGS|METRICS)_EXPORTER|OTEL_EXPORTER_OTLP_\w+|OTEL_(?:BSP|BLRP|METRIC_EXPORT)_\w+|OTEL_SEMCONV\w+|SWANSONG_(?:EXIT|SHUTDOWN)\w+):/;

/**
 * Starts swansong for a NodeSDK that the application is about to create with the configuration returned. A failure is reported in
 * one line, and the configuration is returned unchanged.
 * @throws TypeError on invalid options
 */
export function startOwnNodeSdk(
  configuration: object,
  options: SwansongOptions,
  surroundings: OwnNodeSdkSurroundings,
): object {
  const endpoint = toEndpoint(options);
  const { env, writeLine } = surroundings;
  const running = findRunningSdk();
  if (running !== undefined) {
    running.anotherSdkReported();
    const { inert, disabled } = withoutRegistrations(configuration, running.instruments);
    writeLine(
      running.startedBy === 'preload'
        ? `swansong: the preload is running, so withSwansong() does nothing, and this NodeSDK registers nothing${
            disabled.length === 0 ? '' : ` (${disabled.join(', ')}: left to the preload)`
          }. Use one of the two.`
        : 'swansong: withSwansong() was called before, so it does nothing, and this NodeSDK registers nothing.',
    );
    return inert;
  }
  const old = findOldSdk(configuration, createApplicationRequire());
  if (old !== undefined) {
    writeLine(
      `swansong: @opentelemetry/sdk-node ${old} is too old, swansong stays off: 0.203 or later is needed (SDK 2.x). Update it, or preload swansong/register.`,
    );
    return configuration;
  }
  const { config, warnings } = resolveConfig(env);
  if (config.disabled) return configuration;
  if (registeredComponents().includes('trace')) {
    writeLine('swansong: another OpenTelemetry SDK has already registered itself; swansong stays off.');
    return configuration;
  }
  const undo = new Undo();
  try {
    diag.setLogger(createDiagLogger(writeLine), {
      logLevel: DIAG_LEVELS[config.logLevel],
      suppressOverrideMessage: true,
    });
    const leavesMetrics = /\bprometheus\b/.test(env['OTEL_METRICS_EXPORTER'] ?? '');
    for (const warning of warnings) {
      if (leavesMetrics && warning.startsWith('OTEL_METRICS_EXPORTER:')) continue;
      if (READ_HERE.test(warning)) diag.warn(warning);
    }
    return start(
      configuration,
      { config, endpointOf: endpointsOf(endpoint, config), leavesMetrics },
      surroundings,
      undo,
    );
  } catch (error) {
    undo.run();
    writeLine(`swansong: could not start, the application runs without it: ${String(read(error, 'stack') ?? error)}`);
    return configuration;
  }
}

function start(
  configuration: object,
  options: Pick<OwnNodeSdkOptions, 'config' | 'endpointOf' | 'leavesMetrics'>,
  surroundings: OwnNodeSdkSurroundings,
  undo: Undo,
): object {
  const { config } = options;
  const { env } = surroundings;
  const composition = composeOwnNodeSdk(toGivenParts(configuration), {
    ...options,
    standardOutput: surroundings,
    isConfigured: (signal) => namesEndpoint(env, signal),
  });
  const logger = new LateLogger((ofNodeSdk) =>
    createOtherLogger(ofNodeSdk, configuration, composition.ownLogRecordProcessors),
  );
  const { manager, unwound } = watchContextManager(Reflect.get(configuration, 'contextManager'), () => {
    logger.find();
    warnOfOlderApi();
  });
  runSdk(
    config,
    composition,
    {
      env,
      logger,
      unwound,
      stop: () => {},
      identity: { startedBy: 'withSwansong()', instruments: [], anotherSdkReported: () => {} },
    },
    undo,
  );
  for (const remark of composition.remarks) diag.warn(remark);
  return toConfiguration(configuration, composition.parts, manager);
}

/** Reads both names of each option, the plural and the deprecated singular. */
function toGivenParts(configuration: object): GivenParts {
  const all = (plural: string, singular: string): readonly unknown[] | undefined => {
    const many: unknown = Reflect.get(configuration, plural);
    if (Array.isArray(many)) return many;
    const one: unknown = Reflect.get(configuration, singular);
    return one === undefined || one === null ? undefined : [one];
  };
  return {
    traceExporter: Reflect.get(configuration, 'traceExporter') ?? undefined,
    spanProcessors: all('spanProcessors', 'spanProcessor'),
    logRecordProcessors: all('logRecordProcessors', 'logRecordProcessor'),
    metricReaders: all('metricReaders', 'metricReader'),
  };
}

function toConfiguration(configuration: object, parts: OwnParts, contextManager: unknown): object {
  const { spanProcessors, logRecordProcessors, metricReaders } = parts;
  const result: Record<string, unknown> = { ...configuration, spanProcessors, contextManager };
  for (const name of ['traceExporter', 'spanProcessor', 'logRecordProcessor', 'metricReader']) delete result[name];
  if (logRecordProcessors !== undefined) result['logRecordProcessors'] = logRecordProcessors;
  if (metricReaders !== undefined) {
    result['metricReaders'] = metricReaders;
    // `metricReaders` came with 0.204: 0.203 reads this one, and later versions only where the other is missing.
    [result['metricReader']] = metricReaders;
  }
  return result;
}

function namesEndpoint(env: OwnNodeSdkSurroundings['env'], signal: OtlpPath): boolean {
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`].some(
    (name) => (env[name] ?? '').trim() !== '',
  );
}

/** swansong's copy of the API ignores what an older copy has registered: it would find no active span, without any warning. */
function warnOfOlderApi(): void {
  const provider = registered('trace');
  if (provider === undefined || provider === trace.getTracerProvider()) return;
  diag.error(
    `NodeSDK uses @opentelemetry/api ${String(registeredApiVersion())}, and swansong finds a newer copy: errors are recorded on no span. ` +
      'Have one copy; npm ls @opentelemetry/api shows them',
  );
}
