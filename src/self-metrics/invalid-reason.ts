/**
 * Why an event is invalid: the values of `error.type` on `collector.events.invalid`. A closed list, so that clients cannot create
 * new label values.
 *
 * | reason | of | meaning |
 * | --- | --- | --- |
 * | `invalid_trace_id` | spans, links, log records | not 16 bytes, or all zero |
 * | `invalid_span_id` | spans, links, log records | not 8 bytes, or all zero |
 * | `invalid_parent_span_id` | spans | set, and not 8 bytes or all zero |
 * | `missing_name` | spans, metrics | the name is missing or empty |
 * | `missing_time` | spans, data points | start, end or time is missing or zero, or the end is before the start |
 * | `invalid_severity` | log records | a severity number outside 0 to 24 |
 * | `bad_metric_data` | metrics | none of the five kinds of data, or inconsistent data |
 * | `invalid_temporality` | metrics | a sum or histogram that is neither delta nor cumulative |
 * | `bucket_mismatch` | histograms | the bucket counts do not match the boundaries or the total count |
 * | `too_large` | all | more bytes or values than allowed |
 * | `depth_exceeded` | all | attribute values nested deeper than allowed |
 * | `undecodable` | all | the bytes are not OTLP |
 * | `_OTHER` | all | a reason that is not on the list (the name is that of the semantic conventions) |
 */
export const INVALID_REASONS = [
  'invalid_trace_id',
  'invalid_span_id',
  'invalid_parent_span_id',
  'missing_name',
  'missing_time',
  'invalid_severity',
  'bad_metric_data',
  'invalid_temporality',
  'bucket_mismatch',
  'too_large',
  'depth_exceeded',
  'undecodable',
  '_OTHER',
] as const;

export type InvalidReason = (typeof INVALID_REASONS)[number];

/** Recorded in place of a reason that was not declared. */
export const OTHER_REASON: InvalidReason = '_OTHER';
