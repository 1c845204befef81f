import { format } from 'node:util';
import { type DiagLogger, DiagLogLevel } from '@opentelemetry/api';
import type { LogLevel } from '../config/config.ts';

export const DIAG_LEVELS: Readonly<Record<LogLevel, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};

/** OpenTelemetry's `diag` as lines that say who speaks. */
export function createDiagLogger(writeLine: (line: string) => void): DiagLogger {
  const write = (message: string, ...args: unknown[]) => {
    writeLine(`swansong: ${format(message, ...args)}`);
  };
  return { error: write, warn: write, info: write, debug: write, verbose: write };
}
