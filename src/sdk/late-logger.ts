import type { Logger, LoggerProvider } from '@opentelemetry/api';
import { DISTRIBUTION_NAME, VERSION } from '../config/distribution.ts';
import { isObject } from '../values/is-object.ts';

/** Where API 1.10 keeps what is registered, and where `@opentelemetry/api-logs` (SDK 2.x) keeps its logger provider. */
const API_KEY = Symbol.for('opentelemetry.js.api.1');
const LEGACY_LOGS_KEY = Symbol.for('io.opentelemetry.js.api.logs');
const LEGACY_VERSION = 1;

/**
 * The logger of a NodeSDK that has not been started yet. Found once: after `NodeSDK.shutdown()` a provider hands out loggers that
 * discard everything, while one that was taken before goes on.
 */
export class LateLogger implements Logger {
  #found: Logger | undefined;

  /** To be called when NodeSDK has started. */
  find(): Logger | undefined {
    this.#found ??= findLogger();
    return this.#found;
  }

  emit(record: Parameters<Logger['emit']>[0]): void {
    this.find()?.emit(record);
  }

  enabled(): boolean {
    return true;
  }
}

function findLogger(): Logger | undefined {
  const api: unknown = Reflect.get(globalThis, API_KEY);
  const legacy: unknown = Reflect.get(globalThis, LEGACY_LOGS_KEY);
  for (const provider of [
    isObject(api) ? Reflect.get(api, 'logs') : undefined,
    typeof legacy === 'function' ? legacy(LEGACY_VERSION) : undefined,
  ]) {
    if (isLoggerProvider(provider)) return provider.getLogger(DISTRIBUTION_NAME, VERSION);
  }
  return undefined;
}

function isLoggerProvider(value: unknown): value is Pick<LoggerProvider, 'getLogger'> {
  return isObject(value) && 'getLogger' in value && typeof value.getLogger === 'function';
}
