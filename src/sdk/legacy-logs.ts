import type { LoggerProvider } from '@opentelemetry/api';

/** Where `@opentelemetry/api-logs` (0.2xx) looks for its provider, and the version it asks for. */
const LEGACY_KEY = Symbol.for('io.opentelemetry.js.api.logs');
const LEGACY_VERSION = 1;

/**
 * Logging instrumentations of the 2.x line emit through `@opentelemetry/api-logs`, which knows nothing of the logs API that
 * moved into `@opentelemetry/api` 1.10: their records would vanish. Both speak the same interface.
 * @returns what takes it back
 */
export function publishForLegacyLogsApi(provider: LoggerProvider): () => void {
  if (Reflect.get(globalThis, LEGACY_KEY) !== undefined) return () => {};
  const getProvider = (version: number): LoggerProvider | undefined =>
    version === LEGACY_VERSION ? provider : undefined;
  Object.defineProperty(globalThis, LEGACY_KEY, { value: getProvider, configurable: true, writable: true });
  return () => {
    if (Reflect.get(globalThis, LEGACY_KEY) === getProvider) Reflect.deleteProperty(globalThis, LEGACY_KEY);
  };
}
