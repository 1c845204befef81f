import { context, logs, metrics, propagation, trace } from '@opentelemetry/api';
import type { NodeSdkParts } from './node-sdk-configuration.ts';

/** Where every copy of `@opentelemetry/api` 1.x keeps what is registered. */
const API_KEY = Symbol.for('opentelemetry.js.api.1');
const COMPONENTS = ['trace', 'metrics', 'logs', 'context', 'propagation'] as const;

export type ApiComponent = (typeof COMPONENTS)[number];

/** What another SDK has registered before swansong; undefined if nothing is registered. */
export function findForeignRegistration(): string | undefined {
  const registered = registeredComponents();
  return registered.length === 0 ? undefined : `${registered.join(', ')} (API ${String(registeredApiVersion())})`;
}

/** The version of the copy of the API that registered first; every other copy compares it with its own. */
export function registeredApiVersion(): unknown {
  const api: unknown = Reflect.get(globalThis, API_KEY);
  return typeof api === 'object' && api !== null ? Reflect.get(api, 'version') : undefined;
}

export function registeredComponents(): readonly ApiComponent[] {
  const api: unknown = Reflect.get(globalThis, API_KEY);
  if (typeof api !== 'object' || api === null) return [];
  return COMPONENTS.filter((component) => Reflect.get(api, component) !== undefined);
}

/** Context and propagation keep working when the SDK is disabled (specification, OTEL_SDK_DISABLED). */
export function registerPropagation({
  contextManager,
  textMapPropagator,
}: Pick<NodeSdkParts, 'contextManager' | 'textMapPropagator'>): void {
  context.setGlobalContextManager(contextManager.enable());
  if (textMapPropagator !== null) propagation.setGlobalPropagator(textMapPropagator);
}

/** Removes what this copy of the API registered. */
export function unregisterAll(): void {
  for (const api of [trace, metrics, logs, propagation, context]) api.disable();
}
