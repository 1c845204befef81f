import type { LoggerProvider } from '@opentelemetry/api';

/** Where `@opentelemetry/api-logs` (0.2xx) looks for its provider, and the version it asks for. */
const LEGACY_KEY = Symbol.for('io.opentelemetry.js.api.logs');
const LEGACY_VERSION = 1;

/**
 * Logging instrumentations of the 2.x line emit through `@opentelemetry/api-logs`, which does not use the logs API that
 * moved into `@opentelemetry/api` 1.10: their records would be lost. Both have the same interface.
 * @returns a function that removes it
 */
export function publishForLegacyLogsApi(provider: LoggerProvider): () => void {
  if (Reflect.get(globalThis, LEGACY_KEY) !== undefined) return () => {};
  const registration = {
    value: (version: number): LoggerProvider | undefined => (version === LEGACY_VERSION ? provider : undefined),
    configurable: true,
    writable: true,
  };
  Object.defineProperty(globalThis, LEGACY_KEY, registration);
  return () => {
    if (Reflect.get(globalThis, LEGACY_KEY) === registration.value) Reflect.deleteProperty(globalThis, LEGACY_KEY);
  };
}

/** The provider that any copy of `@opentelemetry/api-logs` has registered. */
export function legacyLoggerProvider(): unknown {
  const get: unknown = Reflect.get(globalThis, LEGACY_KEY);
  return typeof get === 'function' ? get(LEGACY_VERSION) : undefined;
}
