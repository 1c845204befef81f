/** OTLP "Failures": these are tried again, every other 4xx and 5xx never. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export function isRetryable(statusCode: number): boolean {
  return RETRYABLE.has(statusCode);
}
