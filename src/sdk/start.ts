import { diag } from '@opentelemetry/api';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { Config } from '../config/config.ts';
import { describeConfig } from '../config/describe-config.ts';
import { resolveConfig } from '../config/resolve-config.ts';
import type { Deadline } from '../deadline/deadline.ts';
import { Shutdown, type Telemetry } from '../shutdown/shutdown.ts';
import type { WriteOut } from '../otlp/stdout-delivery.ts';
import { Backends } from './backends.ts';
import { createDiagLogger, DIAG_LEVELS } from './diag-logger.ts';
import {
  createLogRecordExporters,
  createMetricExporters,
  createSpanExporters,
  type ExporterContext,
} from './exporters.ts';
import {
  findForeignRegistration,
  type Providers,
  publishPropagation,
  publishProviders,
  withdraw,
} from './global-api.ts';
import { startInstrumentations } from './instrumentations.ts';
import { createPropagator } from './propagation.ts';
import { createResource } from './resource.ts';
import { publishRunningSdk, type RunningSdk } from './running-sdk.ts';
import { createSampler } from './sampler.ts';
import { addCounts } from './signal-outboxes.ts';
import { VERSION } from './version.ts';

export interface StartOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line for people, on stderr. */
  readonly writeLine: (line: string) => void;
  readonly writeOut: WriteOut;
}

/**
 * Starts swansong in this thread: everything is created first, then published; what fails half way is taken back.
 * @throws Error when it cannot start; the application then has OpenTelemetry's no-op API
 */
export function start(options: StartOptions): void {
  const foreign = findForeignRegistration();
  if (foreign !== undefined) {
    options.writeLine(
      `swansong: another OpenTelemetry SDK has already registered ${foreign}; swansong stays off. Preload swansong before it.`,
    );
    return;
  }
  const { config, warnings } = resolveConfig(options.env);
  diag.setLogger(createDiagLogger(options.writeLine), {
    logLevel: DIAG_LEVELS[config.logLevel],
    suppressOverrideMessage: true,
  });
  for (const warning of warnings) diag.warn(warning);
  const propagator = createPropagator(config.propagators);
  if (config.disabled) {
    publishPropagation(propagator);
    return;
  }
  for (const line of describeConfig(options.env)) diag.debug(line);
  const { providers, sdk } = createSdk(config, options);
  if (!publishProviders(providers, propagator)) throw new Error('the OpenTelemetry API refused the registration');
  try {
    publishRunningSdk(sdk);
    startInstrumentations(config.instrumentations);
  } catch (error) {
    withdraw();
    throw error;
  }
}

function createSdk(config: Config, options: StartOptions): { providers: Providers; sdk: RunningSdk } {
  const backends = new Backends();
  const context: ExporterContext = {
    backends,
    writeOut: options.writeOut,
    flushTimeoutMillis: config.shutdownTimeoutMillis,
  };
  const spans = createSpanExporters(config.traces, context);
  const logs = createLogRecordExporters(config.logs, context);
  const metrics = createMetricExporters(config.metrics, context);
  const resource = createResource(config.resource, process.argv[1]);
  const providers: Providers = {
    tracer:
      spans.parts.length === 0
        ? undefined
        : new TracerProvider({
            resource,
            sampler: createSampler(config.sampler),
            spanLimits: config.spanLimits,
            spanProcessors: [...spans.parts],
          }),
    logger:
      logs.parts.length === 0
        ? undefined
        : new LoggerProvider({ resource, logRecordLimits: config.logRecordLimits, processors: [...logs.parts] }),
    meter: metrics.parts.length === 0 ? undefined : new MeterProvider({ resource, readers: [...metrics.parts] }),
  };
  const outboxes = [...spans.outboxes, ...logs.outboxes];
  const telemetry: Telemetry = {
    async flush(deadline: Deadline) {
      await Promise.all([...outboxes, ...metrics.parts].map((part) => part.flush(deadline)));
    },
    stop() {
      for (const part of [...outboxes, ...metrics.parts, ...metrics.outboxes]) part.stop();
      backends.close();
    },
    counts: () => ({
      spans: addCounts(spans.outboxes),
      logs: addCounts(logs.outboxes),
      metrics: addCounts(metrics.outboxes),
    }),
    lastError: () => backends.lastError,
  };
  const shutdown = new Shutdown(telemetry, config.shutdownTimeoutMillis);
  return {
    providers,
    sdk: {
      version: VERSION,
      forceFlush: (flushOptions) => shutdown.forceFlush(flushOptions),
      shutdown: (shutdownOptions) => shutdown.shutdown(shutdownOptions),
      status: () => ({ backend: backends.state, lastError: backends.lastError, ...telemetry.counts() }),
    },
  };
}
