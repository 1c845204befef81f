import type { CanonicalMessage } from './codec/canonical.ts';
import type { MessageName } from './codec/otlp-schema.ts';
import type { ItemCounts } from './validation/item-counts.ts';
import { validateLogs } from './validation/validate-logs.ts';
import { validateMetrics } from './validation/validate-metrics.ts';
import { validateSpans } from './validation/validate-spans.ts';

export type SignalName = 'traces' | 'metrics' | 'logs';

/** Everything in which the three signals differ. */
export interface OtlpSignal {
  readonly name: SignalName;
  /** The path of the URL to which clients send it. */
  readonly path: string;
  /** The file it is stored in, in the directory of the collector. */
  readonly file: string;
  /** The message that a request holds. */
  readonly message: MessageName;
  /** The message of the response, and its field for the number of rejected items. */
  readonly response: MessageName;
  readonly rejectedField: string;
  /** One item, for messages. */
  readonly noun: string;
  /** Counts the items and removes the invalid ones. @param nowNano Unix time in nanoseconds */
  validate(data: CanonicalMessage, counts: ItemCounts, nowNano: string): void;
}

export const signals: readonly OtlpSignal[] = [
  {
    name: 'traces',
    path: '/v1/traces',
    file: 'traces.jsonl',
    message: 'TracesData',
    response: 'TracesResponse',
    rejectedField: 'rejectedSpans',
    noun: 'span',
    validate: validateSpans,
  },
  {
    name: 'metrics',
    path: '/v1/metrics',
    file: 'metrics.jsonl',
    message: 'MetricsData',
    response: 'MetricsResponse',
    rejectedField: 'rejectedDataPoints',
    noun: 'data point',
    validate: validateMetrics,
  },
  {
    name: 'logs',
    path: '/v1/logs',
    file: 'logs.jsonl',
    message: 'LogsData',
    response: 'LogsResponse',
    rejectedField: 'rejectedLogRecords',
    noun: 'log record',
    validate: validateLogs,
  },
];
