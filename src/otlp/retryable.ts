import { unixMillis } from '../clock/clock.ts';

/** OTLP/HTTP, "Failures": these are retried, no other 4xx or 5xx is. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The same for gRPC: CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS. */
const RETRYABLE_GRPC: ReadonlySet<number> = new Set([1, 4, 8, 10, 11, 14, 15]);

export function isRetryable(statusCode: number): boolean {
  return RETRYABLE.has(statusCode);
}

export function isRetryableGrpcStatus(code: number): boolean {
  return RETRYABLE_GRPC.has(code);
}

const RESOURCE_EXHAUSTED = 8;
/** The words of gRPC's servers in Go, C++, JavaScript and Java. */
const TOO_LARGE = /larger than max|exceeds maximum size/i;

/** Whether a server has refused a message for its size. gRPC has no status of its own for that, as HTTP has 413. */
export function isTooLargeForGrpc({ code, message }: { readonly code: number; readonly message: string }): boolean {
  return code === RESOURCE_EXHAUSTED && TOO_LARGE.test(message);
}

/** The longest `Retry-After` that is respected: the queue would overflow during a longer one. */
const LONGEST_MILLIS = 10 * 60_000;

/** Milliseconds that a `Retry-After` header asks for: seconds or an HTTP date (RFC 9110 §10.2.3); 0 if absent or invalid. */
export function retryAfterMillis(header: string | undefined, now: number = unixMillis()): number {
  const value = header?.trim();
  if (value === undefined || value === '') return 0;
  const millis = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(millis) ? 0 : Math.min(Math.max(0, millis), LONGEST_MILLIS);
}
