/** OTLP "Failures": these are tried again, every other 4xx and 5xx never. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The same for gRPC: CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS. */
const RETRYABLE_GRPC: ReadonlySet<number> = new Set([1, 4, 8, 10, 11, 14, 15]);

export function isRetryable(statusCode: number): boolean {
  return RETRYABLE.has(statusCode);
}

export function isRetryableGrpcStatus(code: number): boolean {
  return RETRYABLE_GRPC.has(code);
}
