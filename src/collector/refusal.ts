import type { InvalidReason } from '../self-metrics/invalid-reason.ts';
import type { DecodeFailure } from './codec/decode-failure.ts';

/** Why a request is not answered 200. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 421 | 429 | 503;
  /** For the developer of the client: what was wrong, what was expected, what was done. */
  readonly message: string;
  /** The invalid field of the request, for a 400 that is about one. */
  readonly violation?: { readonly field: string; readonly description: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** The reason in `collector.events.invalid`, for a request that could not be decoded and so not be counted by its items. */
  readonly invalid?: InvalidReason;
}

/** The storage cannot write at present. Never 500: OTLP clients retry after a 503, but not after a 500. */
export function unavailable(message: string, retryAfterSeconds: number): Refusal {
  return { status: 503, message, headers: { 'retry-after': String(retryAfterSeconds) } };
}

/** The collector holds as much at this time as it may. */
export function overloaded(message: string): Refusal {
  return { status: 429, message: `${message}; try again`, headers: { 'retry-after': '1' } };
}

/** The request can never be decoded: the client must not send it again. */
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
