import { format } from 'node:util';
import { SeverityNumber } from '@opentelemetry/api';
import { isErrorLike } from '../../errors/exception-read.ts';
import { describeException } from '../../errors/exception.ts';
import { subscribe } from '../subscribe.ts';
import { loggerOf, type LogLines } from './log-lines.ts';
import type { Severity } from './severity.ts';

const SEVERITIES: Readonly<Record<string, number>> = {
  debug: SeverityNumber.DEBUG,
  log: SeverityNumber.INFO,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
};

/**
 * What is logged by any `Console`, by Node's channels `console.*`, which say so before it is written. The message is the live array
 * of arguments: it must not be changed. Other methods print by these five (`trace()` by `error()`, `table()` by `log()`), or, as
 * `dir()`, say nothing.
 */
export function recordConsole(lines: LogLines): void {
  const logger = loggerOf('console');
  for (const [method, severityNumber] of Object.entries(SEVERITIES)) {
    const severity: Severity = { severityNumber, severityText: method };
    subscribe(`console.${method}`, (message) => {
      lines.guard('console', () => {
        if (!Array.isArray(message)) return;
        const values: readonly unknown[] = message;
        lines.emit(logger, { ...severity, body: format(...values), attributes: exceptionIn(values, severity, lines) });
      });
    });
  }
}

function exceptionIn(
  values: readonly unknown[],
  severity: Severity,
  lines: LogLines,
): Readonly<Record<string, string>> {
  const error = values.find(isErrorLike);
  if (error === undefined || !lines.isNew(error, severity)) return {};
  const { type, message, stacktrace } = describeException(error);
  return {
    'exception.type': type,
    'exception.message': message,
    ...(stacktrace === undefined ? {} : { 'exception.stacktrace': stacktrace }),
  };
}
