import { type DiagLogger, DiagLogLevel } from '@opentelemetry/api';

/**
 * Stands in for `@opentelemetry/api` in the bundle for an application's own NodeSDK (tsdown.config.ts, scripts/application-api.ts).
 * There the API is the application's copy, from 1.9 on: a copy of ours would not be shown what an older one has registered. What
 * 1.9 lacks is here, and so is `diag`: the application's own is silent unless its NodeSDK is told otherwise, and lines of ours
 * are for people.
 */
export * from '@opentelemetry/api';

/** API 1.9 leaves it to `@opentelemetry/api-logs`. */
export const SeverityNumber = { UNSPECIFIED: 0, TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 } as const;

/** Before the logger is set nobody has anything to say. */
let writer: { readonly logger: DiagLogger; readonly level: DiagLogLevel } | undefined;

function write(method: keyof DiagLogger, level: DiagLogLevel): DiagLogger['error'] {
  return (message, ...args) => {
    if (writer !== undefined && level <= writer.level) writer.logger[method](message, ...args);
  };
}

export const diag: DiagLogger & {
  setLogger(logger: DiagLogger, options: { readonly logLevel: DiagLogLevel }): void;
  disable(): void;
  createComponentLogger(): DiagLogger;
} = {
  error: write('error', DiagLogLevel.ERROR),
  warn: write('warn', DiagLogLevel.WARN),
  info: write('info', DiagLogLevel.INFO),
  debug: write('debug', DiagLogLevel.DEBUG),
  verbose: write('verbose', DiagLogLevel.VERBOSE),
  setLogger(logger, { logLevel }) {
    writer = { logger, level: logLevel };
  },
  disable() {
    writer = undefined;
  },
  createComponentLogger: () => diag,
};
