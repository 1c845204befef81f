import { type DiagLogger, DiagLogLevel } from '@opentelemetry/api';

/**
 * Stands in for `@opentelemetry/api` in the bundle for an application's own NodeSDK (tsdown.config.ts, scripts/application-api.ts).
 * There the API is the application's copy, 1.9 or later: a newer copy of swansong's own could not read what an older one has
 * registered. What 1.9 lacks is defined here. So is `diag`: the application's own is silent unless its NodeSDK is configured
 * otherwise, and swansong's warnings must be printed.
 */
export * from '@opentelemetry/api';

/** In API 1.9 it is part of `@opentelemetry/api-logs`. */
export const SeverityNumber = { UNSPECIFIED: 0, TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 } as const;

/** Undefined until the logger is set; nothing is logged before that. */
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
