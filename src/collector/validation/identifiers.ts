import type { CanonicalMessage, CanonicalValue } from '../codec/canonical.ts';

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;
const ZERO_TRACE_ID = '0'.repeat(TRACE_ID_DIGITS);
const ZERO_SPAN_ID = '0'.repeat(SPAN_ID_DIGITS);

/** Ids are hex by now; what matters is their length, and that they are not all zero. */
export function isTraceId(value: CanonicalValue | undefined): boolean {
  return typeof value === 'string' && value.length === TRACE_ID_DIGITS && value !== ZERO_TRACE_ID;
}

export function isSpanId(value: CanonicalValue | undefined): boolean {
  return typeof value === 'string' && value.length === SPAN_ID_DIGITS && value !== ZERO_SPAN_ID;
}

/**
 * What only refers to a span (a log record, a link, an exemplar) is kept when it refers to none: an id that is no id is left
 * out, and with a trace id the span id (logs.proto: "not associated"). Readers of the file refuse a line with such an id.
 */
export function leaveOutBadIds(message: CanonicalMessage): void {
  if (message['traceId'] !== undefined && !isTraceId(message['traceId'])) delete message['traceId'];
  if (message['spanId'] === undefined) return;
  if (message['traceId'] === undefined || !isSpanId(message['spanId'])) delete message['spanId'];
}

/** A root span has no parent; some clients send an id of zeros for it. */
export function isZeroSpanId(value: CanonicalValue | undefined): boolean {
  return value === ZERO_SPAN_ID;
}
