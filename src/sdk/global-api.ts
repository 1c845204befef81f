import { context, logs, metrics, propagation, trace } from '@opentelemetry/api';
import { isObject } from '../values/is-object.ts';
import type { NodeSdkParts } from './node-sdk-configuration.ts';

/** Where every copy of `@opentelemetry/api` 1.x keeps what is registered. */
const API_KEY = Symbol.for('opentelemetry.js.api.1');
const COMPONENTS = ['trace', 'metrics', 'logs', 'context', 'propagation'] as const;

export type ApiComponent = (typeof COMPONENTS)[number];

/** What another SDK has registered before swansong; undefined if nothing is registered. */
export function findForeignRegistration(): string | undefined {
  const components = registeredComponents();
  return components.length === 0 ? undefined : `${components.join(', ')} (API ${String(registeredApiVersion())})`;
}

/** The version of the copy of the API that registered first; every other copy compares it with its own. */
export function registeredApiVersion(): unknown {
  return registered('version');
}

export function registeredComponents(): readonly ApiComponent[] {
  return COMPONENTS.filter((component) => registered(component) !== undefined);
}

/** What any copy of the API has registered; the functions of one copy return nothing of an older one. */
export function registered(key: ApiComponent | 'version'): unknown {
  const api: unknown = Reflect.get(globalThis, API_KEY);
  return isObject(api) ? Reflect.get(api, key) : undefined;
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
