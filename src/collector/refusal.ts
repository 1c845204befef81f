import type { InvalidReason } from '../self-metrics/invalid-reason.ts';

/** Why a request is answered with anything but 200. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 429 | 503;
  /** For the developer of the client: what was wrong, what was expected, what happens now. */
  readonly message: string;
  /** The field of the request that was bad, for a 400 that has one. */
  readonly violation?: { readonly field: string; readonly description: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** For what could not be decoded, and thus not be counted by its items. */
  readonly invalid?: InvalidReason;
}

/** The storage cannot take it now. OTLP clients do not try again after a 500, so nothing here answers with one. */
export function unavailable(message: string, retryAfterSeconds: number): Refusal {
  return { status: 503, message, headers: { 'retry-after': String(retryAfterSeconds) } };
}

/** More than this collector holds at a time is on its way. */
export function overloaded(message: string): Refusal {
  return { status: 429, message: `${message}; try again`, headers: { 'retry-after': '1' } };
}
