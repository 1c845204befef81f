import type { CanonicalMessage, CanonicalValue } from '../codec/canonical.ts';

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;
const ZERO_TRACE_ID = '0'.repeat(TRACE_ID_DIGITS);
const ZERO_SPAN_ID = '0'.repeat(SPAN_ID_DIGITS);

/** Decoding has ensured that ids are hex; only the length and all zeros are checked. */
export function isTraceId(value: CanonicalValue | undefined): boolean {
  return typeof value === 'string' && value.length === TRACE_ID_DIGITS && value !== ZERO_TRACE_ID;
}

export function isSpanId(value: CanonicalValue | undefined): boolean {
  return typeof value === 'string' && value.length === SPAN_ID_DIGITS && value !== ZERO_SPAN_ID;
}

/**
 * A log record, a link or an exemplar only refers to a span, so an invalid reference does not make it invalid: the invalid id is removed,
 * and without a trace id the span id too (logs.proto: "not associated"). Readers of the file would refuse the line with such an id.
 */
export function removeInvalidIds(message: CanonicalMessage): void {
  if (message['traceId'] !== undefined && !isTraceId(message['traceId'])) delete message['traceId'];
  if (message['spanId'] === undefined) return;
  if (message['traceId'] === undefined || !isSpanId(message['spanId'])) delete message['spanId'];
}

/** Some clients send a parent id of zeros for a root span. */
export function isZeroSpanId(value: CanonicalValue | undefined): boolean {
  return value === ZERO_SPAN_ID;
}
