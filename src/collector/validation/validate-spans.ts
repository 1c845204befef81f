import type { InvalidReason } from '../../self-metrics/invalid-reason.ts';
import { type CanonicalMessage, isMessage, listOf } from '../codec/canonical.ts';
import { isSpanId, isTraceId, isZeroSpanId, leaveOutBadIds } from './identifiers.ts';
import type { ItemCounts } from './item-counts.ts';
import { keepGood, listsOf } from './validate-items.ts';

/** trace.proto: "required" and "semantically required" are; an empty name is "unknown", an end before the start a clock's. */
export function validateSpans(data: CanonicalMessage, counts: ItemCounts): void {
  for (const scope of listsOf(data, 'resourceSpans', 'scopeSpans')) keepGood(scope, 'spans', checkSpan, counts);
}

function checkSpan(span: CanonicalMessage): InvalidReason | undefined {
  if (!isTraceId(span['traceId'])) return 'invalid_trace_id';
  if (!isSpanId(span['spanId'])) return 'invalid_span_id';
  const parent = span['parentSpanId'];
  if (parent !== undefined && !isSpanId(parent)) {
    if (!isZeroSpanId(parent)) return 'invalid_parent_span_id';
    delete span['parentSpanId'];
  }
  // The canonical form leaves a time of 0 out.
  if (span['startTimeUnixNano'] === undefined || span['endTimeUnixNano'] === undefined) return 'missing_time';
  for (const link of listOf(span, 'links')) if (isMessage(link)) leaveOutBadIds(link);
  return undefined;
}
