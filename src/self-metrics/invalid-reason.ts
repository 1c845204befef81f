/**
 * Why an event is invalid: the values of `error.type` on `collector.events.invalid`. A closed list, so that what clients send
 * never becomes a label value of its own.
 *
 * | reason | of | meaning |
 * | --- | --- | --- |
 * | `invalid_trace_id` | spans, links, log records | not 16 bytes, or all zero |
 * | `invalid_span_id` | spans, links, log records | not 8 bytes, or all zero |
 * | `invalid_parent_span_id` | spans | set, and not 8 bytes or all zero |
 * | `missing_name` | spans, metrics | the name is missing or empty |
 * | `missing_time` | spans, data points | start, end or time is missing or zero, or the end is before the start |
 * | `invalid_severity` | log records | a severity number that is none |
 * | `bad_metric_data` | metrics | none of the five kinds of data, or one that contradicts itself |
 * | `invalid_temporality` | metrics | a sum or histogram that is neither delta nor cumulative |
 * | `bucket_mismatch` | histograms | the counts do not fit the boundaries, or not the total count |
 * | `too_large` | all | more bytes or values than one may have |
 * | `depth_exceeded` | all | attribute values nested deeper than allowed |
 * | `undecodable` | all | the bytes are no OTLP |
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

/** Stands for every reason that a collector has not declared. */
export const OTHER_REASON: InvalidReason = '_OTHER';
