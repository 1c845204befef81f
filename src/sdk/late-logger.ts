import { type Logger, type LoggerProvider, SeverityNumber } from '@opentelemetry/api';
import { DISTRIBUTION_NAME, VERSION } from '../config/distribution.ts';
import { isObject } from '../values/is-object.ts';
import { registered } from './global-api.ts';
import { legacyLoggerProvider } from './legacy-logs.ts';

/**
 * Emits swansong's log records through the logger of the application's NodeSDK. Before that is started and after it is shut down,
 * when its loggers discard everything, they go through another logger.
 */
export class LateLogger implements Logger {
  readonly #createOther: (ofNodeSdk: Logger | undefined) => Logger;
  #ofNodeSdk: Logger | undefined;
  #other: Logger | undefined;

  constructor(createOther: (ofNodeSdk: Logger | undefined) => Logger) {
    this.#createOther = createOther;
  }

  /** To be called when NodeSDK has started: after its shutdown a provider returns no-op loggers. */
  find(): void {
    this.#ofNodeSdk ??= findLogger();
  }

  emit(record: Parameters<Logger['emit']>[0]): void {
    this.find();
    const logger = this.#ofNodeSdk;
    if (logger !== undefined && accepts(logger)) {
      logger.emit(record);
    } else {
      this.#other ??= this.#createOther(logger);
      this.#other.emit(record);
    }
  }

  enabled(): boolean {
    return true;
  }
}

/** Loggers of the first SDK 2.x have no `enabled()`, and still accept records after a shutdown. */
function accepts(logger: Partial<Logger>): boolean {
  return logger.enabled?.({ severityNumber: SeverityNumber.FATAL }) !== false;
}

/** API 1.10 has the logs API; before, and in SDK 2.x, it is in `@opentelemetry/api-logs`. */
function findLogger(): Logger | undefined {
  for (const provider of [registered('logs'), legacyLoggerProvider()]) {
    if (isLoggerProvider(provider)) return provider.getLogger(DISTRIBUTION_NAME, VERSION);
  }
  return undefined;
}

function isLoggerProvider(value: unknown): value is Pick<LoggerProvider, 'getLogger'> {
  return isObject(value) && 'getLogger' in value && typeof value.getLogger === 'function';
}
