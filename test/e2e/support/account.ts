import type { ReceivedLogRecord, ReceivedMetric, ReceivedSpan } from '../../support/received-telemetry.ts';
import type { OtlpFileItems } from './otlp-file.ts';

/** What the fixture account-for-itself.mjs says it made, and what arrived of it, in the same words. */
export interface Account {
  readonly spans: readonly object[];
  readonly logRecords: readonly object[];
  readonly metrics: readonly object[];
}

/** What arrived of the program's own telemetry; of metrics the last point of each series. */
export function accountOf({ spans, logRecords, metrics }: OtlpFileItems, service: string): Account {
  // What swansong tells of itself (the start, the end) has a scope of its own.
  const ofService = ({ resource, scope }: Pick<ReceivedSpan, 'resource' | 'scope'>): boolean =>
    resource['service.name'] === service && scope.name === 'app';
  return {
    spans: spans.filter(ofService).map(spanAccount),
    logRecords: logRecords.filter(ofService).map(recordAccount),
    metrics: lastPoints(metrics.filter(ofService)),
  };
}

function spanAccount(span: ReceivedSpan): object {
  const { traceId, spanId, parentSpanId, name, kind, attributes, events, links, status } = span;
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes,
    events: events.map((event) => ({ ...event, timeUnixNano: String(event.timeUnixNano) })),
    links,
    status,
  };
}

function recordAccount(record: ReceivedLogRecord): object {
  const { eventName, severityNumber, severityText, body, attributes, traceId, spanId } = record;
  return {
    eventName,
    timeUnixNano: String(record.timeUnixNano),
    observedTimeUnixNano: String(record.observedTimeUnixNano),
    severityNumber,
    severityText,
    body,
    attributes,
    traceId,
    spanId,
  };
}

/** Series in the order of their names and attributes. */
function lastPoints(points: readonly ReceivedMetric[]): object[] {
  const series = new Map<string, object>();
  for (const { name, kind, unit, attributes, value, count, sum, bucketCounts } of points) {
    const amount = kind === 'histogram' ? { count, sum, bucketCounts } : { value };
    series.set(`${name} ${JSON.stringify(attributes)}`, { name, kind, unit, attributes, ...amount });
  }
  return [...series].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, point]) => point);
}
