import { type CanonicalMessage, type CanonicalValue, isMessage, listOf } from './canonical.ts';
import type { MessageName } from './otlp-schema.ts';

export type SignalName = 'traces' | 'metrics' | 'logs';

/** All that differs between the three signals. */
export interface Signal {
  readonly name: SignalName;
  /** Where clients post it. */
  readonly path: string;
  /** Where it is stored, in the directory of the collector. */
  readonly file: string;
  /** What a request holds. */
  readonly message: MessageName;
  /** Spans, metric data points or log records. */
  countItems(data: CanonicalMessage): number;
}

export const signals: readonly Signal[] = [
  {
    name: 'traces',
    path: '/v1/traces',
    file: 'traces.jsonl',
    message: 'TracesData',
    countItems: (data) => itemsOf(data, 'resourceSpans', 'scopeSpans', 'spans').length,
  },
  {
    name: 'metrics',
    path: '/v1/metrics',
    file: 'metrics.jsonl',
    message: 'MetricsData',
    countItems: (data) => itemsOf(data, 'resourceMetrics', 'scopeMetrics', 'metrics').reduce(countDataPoints, 0),
  },
  {
    name: 'logs',
    path: '/v1/logs',
    file: 'logs.jsonl',
    message: 'LogsData',
    countItems: (data) => itemsOf(data, 'resourceLogs', 'scopeLogs', 'logRecords').length,
  },
];

function itemsOf(data: CanonicalMessage, ...path: readonly string[]): readonly CanonicalValue[] {
  return path.reduce<readonly CanonicalValue[]>(
    (messages, field) => messages.flatMap((message) => (isMessage(message) ? listOf(message, field) : [])),
    [data],
  );
}

function countDataPoints(count: number, metric: CanonicalValue): number {
  if (!isMessage(metric)) return count;
  // The one field among gauge, sum, histogram … that is present.
  const data = Object.values(metric).find((value) => isMessage(value));
  return data !== undefined && isMessage(data) ? count + listOf(data, 'dataPoints').length : count;
}
