import { inspect } from 'node:util';
import type { Deadline } from '../deadline/deadline.ts';
import { toDeadline } from '../deadline/to-deadline.ts';

export interface FlushOptions {
  /** Milliseconds the call may take in total. Default: `SWANSONG_SHUTDOWN_TIMEOUT`, 5000. */
  readonly timeoutMillis?: number;
  /** Ends the call early when aborted. */
  readonly signal?: AbortSignal;
}

export interface ShutdownOptions extends FlushOptions {
  /** The reason for the report and the lifecycle events: "config reload", or the name of a signal: "SIGTERM". */
  readonly reason?: string;
}

const OUTCOME = 'nothing was flushed';

/** @throws TypeError on invalid options, before anything is flushed */
export function toFlushDeadline(options: FlushOptions, defaultTimeoutMillis: number): Deadline {
  return toDeadline(options, defaultTimeoutMillis, OUTCOME);
}

/** @throws TypeError if it is not a string */
export function toReason({ reason }: ShutdownOptions): string | undefined {
  const given: unknown = reason;
  if (given === undefined || typeof given === 'string') return given;
  throw new TypeError(`reason: expected a string (got ${inspect(given, { depth: 0 })}); ${OUTCOME}`);
}
