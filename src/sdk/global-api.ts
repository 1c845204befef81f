import {
  context,
  type ContextManager,
  logs,
  metrics,
  propagation,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api';
import type { LoggerProvider } from '@opentelemetry/sdk-logs';
import type { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { TracerProvider } from '@opentelemetry/sdk-trace';
import { publishForLegacyLogsApi } from './legacy-logs.ts';

/** Where every copy of `@opentelemetry/api` 1.x keeps what is registered. */
const API_KEY = Symbol.for('opentelemetry.js.api.1');
const COMPONENTS = ['trace', 'metrics', 'logs', 'context', 'propagation'] as const;

export interface Providers {
  readonly tracer: TracerProvider | undefined;
  readonly meter: MeterProvider | undefined;
  readonly logger: LoggerProvider | undefined;
}

/** What another SDK registered before us; undefined where the API is free. */
export function findForeignRegistration(): string | undefined {
  const api: unknown = Reflect.get(globalThis, API_KEY);
  if (typeof api !== 'object' || api === null) return undefined;
  const registered = COMPONENTS.filter((component) => Reflect.get(api, component) !== undefined);
  return registered.length === 0 ? undefined : `${registered.join(', ')} (API ${String(Reflect.get(api, 'version'))})`;
}

export interface Propagation {
  readonly propagator: TextMapPropagator;
  readonly contextManager: ContextManager;
}

/** Context and propagation: what is left of OpenTelemetry when the SDK is disabled (specification, OTEL_SDK_DISABLED). */
export function publishPropagation({ propagator, contextManager }: Propagation): boolean {
  return context.setGlobalContextManager(contextManager.enable()) && propagation.setGlobalPropagator(propagator);
}

/** All or nothing: what was registered before a failure is taken back. */
export function publishProviders(providers: Providers, parts: Propagation): boolean {
  const published =
    publishPropagation(parts) &&
    (providers.tracer === undefined || trace.setGlobalTracerProvider(providers.tracer)) &&
    (providers.meter === undefined || metrics.setGlobalMeterProvider(providers.meter)) &&
    (providers.logger === undefined || logs.setGlobalLoggerProvider(providers.logger));
  if (!published) withdraw();
  else if (providers.logger !== undefined) publishForLegacyLogsApi(providers.logger);
  return published;
}

export function withdraw(): void {
  for (const api of [trace, metrics, logs, propagation, context]) api.disable();
}
