import { Deadline } from '../deadline/deadline.ts';
import type { FlushOptions } from './report.ts';

/**
 * The caller's options as one deadline.
 * @throws TypeError before anything is flushed, naming the value and what was expected
 */
export function toDeadline(options: FlushOptions, defaultTimeoutMillis: number): Deadline {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`options: expected an object (got ${String(options)}); nothing was flushed`);
  }
  const { timeoutMillis = defaultTimeoutMillis, signal } = options;
  if (typeof timeoutMillis !== 'number' || Number.isNaN(timeoutMillis) || timeoutMillis < 0) {
    throw new TypeError(
      `timeoutMillis: expected a number of milliseconds, 0 or more (got ${String(timeoutMillis)}); nothing was flushed`,
    );
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal: expected an AbortSignal (got ${String(signal)}); nothing was flushed`);
  }
  return Deadline.after(timeoutMillis, signal);
}
