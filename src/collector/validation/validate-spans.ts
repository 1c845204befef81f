import type { InvalidReason } from '../../self-metrics/invalid-reason.ts';
import { type CanonicalMessage, isMessage, listOf } from '../codec/canonical.ts';
import { isSpanId, isTraceId, isZeroSpanId, removeInvalidIds } from './identifiers.ts';
import type { ItemCounts } from './item-counts.ts';
import { keepValid, scopesOf } from './validate-items.ts';

/**
 * trace.proto: fields that are "required" or "semantically required" must be valid. An empty name is valid (it means "unknown"), and so is
 * an end before the start, which clocks may cause.
 */
export function validateSpans(data: CanonicalMessage, counts: ItemCounts): void {
  for (const scope of scopesOf(data, 'resourceSpans', 'scopeSpans')) keepValid(scope, 'spans', checkSpan, counts);
}

function checkSpan(span: CanonicalMessage): InvalidReason | undefined {
  if (!isTraceId(span['traceId'])) return 'invalid_trace_id';
  if (!isSpanId(span['spanId'])) return 'invalid_span_id';
  const parent = span['parentSpanId'];
  if (parent !== undefined && !isSpanId(parent)) {
    if (!isZeroSpanId(parent)) return 'invalid_parent_span_id';
    delete span['parentSpanId'];
  }
  // The canonical form leaves out a time of 0.
  if (span['startTimeUnixNano'] === undefined || span['endTimeUnixNano'] === undefined) return 'missing_time';
  for (const link of listOf(span, 'links')) if (isMessage(link)) removeInvalidIds(link);
  return undefined;
}
