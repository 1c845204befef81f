import { inspect } from 'node:util';
import { Deadline } from './deadline.ts';

export interface TimeOptions {
  readonly timeoutMillis?: number;
  readonly signal?: AbortSignal;
}

/**
 * The deadline for the options of a call.
 *
 * @param outcome ends the error message: `nothing was flushed`
 * @throws TypeError that names the value and what was expected
 */
export function toDeadline(options: TimeOptions, defaultTimeoutMillis: number, outcome: string): Deadline {
  const refuse = (name: string, expected: string, value: unknown): never => {
    throw new TypeError(`${name}: expected ${expected} (got ${inspect(value, { depth: 0 })}); ${outcome}`);
  };
  if (typeof options !== 'object' || options === null) return refuse('options', 'an object', options);
  const { timeoutMillis = defaultTimeoutMillis, signal } = options;
  if (typeof timeoutMillis !== 'number' || !(timeoutMillis >= 0)) {
    return refuse('timeoutMillis', 'a number of milliseconds, 0 or more', timeoutMillis);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) return refuse('signal', 'an AbortSignal', signal);
  return Deadline.after(timeoutMillis, signal);
}
