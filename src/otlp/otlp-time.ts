import type { HrTime } from '@opentelemetry/api';

/** OTLP has nanoseconds since 1970 in 64 unsigned bits: the last time is in the year 2554. */
const MAX_SECONDS = 18_446_744_073;
const NANOS_PER_SECOND = 1e9;

/** Whether OTLP can encode this time: for a negative, infinite or missing number the encodings throw or write wrong values. */
export function isOtlpTime(time: Readonly<HrTime>): boolean {
  // Not taken apart by a pattern, which would ask for its iterator, twice for each span.
  const seconds = time[0];
  const nanos = time[1];
  return seconds >= 0 && seconds < MAX_SECONDS && nanos >= 0 && nanos < NANOS_PER_SECOND;
}

/**
 * The time as OTLP can encode it. One before 1970 (a test of the application has replaced `Date`) becomes 0, which means unknown in
 * OTLP; undefined if it is not a time.
 */
export function toOtlpTime(time: HrTime): HrTime | undefined {
  if (isOtlpTime(time)) return time;
  const [seconds, nanos] = time;
  return Number.isFinite(seconds) && Number.isFinite(nanos) && (seconds < 0 || nanos < 0) ? [0, 0] : undefined;
}

/** The same for any form in which the API accepts a time: milliseconds, a `Date`, or seconds and nanoseconds. */
export function isOtlpTimeInput(value: unknown): boolean {
  if (typeof value === 'number') return value >= 0 && value < MAX_SECONDS * 1000;
  if (value instanceof Date) return isOtlpTimeInput(value.getTime());
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [seconds, nanos]: readonly unknown[] = value;
  return typeof seconds === 'number' && typeof nanos === 'number' && isOtlpTime([seconds, nanos]);
}
