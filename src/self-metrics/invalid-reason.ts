/**
 * Why an event is invalid: the values of `error.type` on `collector.events.invalid`. A closed list, so that clients cannot create
 * new label values. docs/collector.md, "Validation", says for each of what and when, and what is valid all the same.
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

const OF_EVERY_SIGNAL = ['too_large', 'undecodable', 'depth_exceeded'] as const;

/** Those that items of a signal can have, without `OTHER_REASON`. */
export const REASONS_OF_SIGNAL: Readonly<Record<'traces' | 'metrics' | 'logs', readonly InvalidReason[]>> = {
  traces: ['invalid_trace_id', 'invalid_span_id', 'invalid_parent_span_id', 'missing_time', ...OF_EVERY_SIGNAL],
  metrics: [
    'missing_name',
    'missing_time',
    'bad_metric_data',
    'invalid_temporality',
    'bucket_mismatch',
    ...OF_EVERY_SIGNAL,
  ],
  logs: ['invalid_severity', ...OF_EVERY_SIGNAL],
};

export type InvalidReason = (typeof INVALID_REASONS)[number];

/** Recorded in place of a reason that was not declared. */
export const OTHER_REASON: InvalidReason = '_OTHER';
