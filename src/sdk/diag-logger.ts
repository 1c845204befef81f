import { format } from 'node:util';
import { type DiagLogger, DiagLogLevel } from '@opentelemetry/api';
import { monotonicMillis } from '../clock/clock.ts';
import type { LogLevel } from '../config/config.ts';
import { messageKind } from './message-kind.ts';

export const DIAG_LEVELS: Readonly<Record<LogLevel, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};

/** The SDK warns once per span or attribute; of each kind of message at most one line a minute is written. */
const REPEAT_MILLIS = 60_000;
const MAX_REMEMBERED = 100;

/** Writes OpenTelemetry's `diag` messages as lines that begin with `swansong:`. */
export function createDiagLogger(writeLine: (line: string) => void): DiagLogger {
  const written = new Map<string, number>();
  const isRepetition = (kind: string): boolean => {
    const now = monotonicMillis();
    if (now - (written.get(kind) ?? -Infinity) < REPEAT_MILLIS) return true;
    written.delete(kind);
    written.set(kind, now);
    for (const oldest of written.keys()) {
      if (written.size <= MAX_REMEMBERED) break;
      written.delete(oldest);
    }
    return false;
  };
  const write = (message: string, ...args: unknown[]): void => {
    writeLine(`swansong: ${format(message, ...args)}`);
  };
  const writeOnce = (message: string, ...args: unknown[]): void => {
    if (!isRepetition(messageKind(message, args))) write(message, ...args);
  };
  return { error: writeOnce, warn: writeOnce, info: writeOnce, debug: write, verbose: write };
}
