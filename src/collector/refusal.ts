import type { InvalidReason } from '../self-metrics/invalid-reason.ts';
import type { DecodeFailure } from './codec/decode-failure.ts';

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

/** The answer to what can never be decoded. */
export function undecodable({ reason, message, path }: DecodeFailure): Refusal {
  if (reason === 'too-large') return { status: 413, message: `${message}; nothing of it was stored` };
  const invalid = reason === 'too-deep' ? 'depth_exceeded' : 'undecodable';
  if (path === '') return { status: 400, message: `${message}; nothing of this request was stored`, invalid };
  return {
    status: 400,
    message: `${path}: ${message}; nothing of this request was stored`,
    violation: { field: path, description: message },
    invalid,
  };
}
