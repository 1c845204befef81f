import type {
  Attributes,
  MetricKind,
  Origin,
  ReceivedLogRecord,
  ReceivedMetric,
  ReceivedSpan,
  Value,
} from './received-telemetry.ts';

// OTLP in its JSON form. Everything may be missing: proto3 leaves out what is zero or empty.
type Int = string | number;
interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: Int;
  doubleValue?: number | 'NaN' | 'Infinity' | '-Infinity';
  arrayValue?: { values?: AnyValue[] };
  kvlistValue?: { values?: KeyValue[] };
  bytesValue?: string;
}
interface KeyValue {
  key?: string;
  value?: AnyValue;
}
interface OtlpScope {
  name?: string;
  version?: string;
  attributes?: KeyValue[];
}
interface OtlpSpan {
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
  traceState?: string;
  name?: string;
  kind?: number;
  startTimeUnixNano?: Int;
  endTimeUnixNano?: Int;
  attributes?: KeyValue[];
  droppedAttributesCount?: number;
  events?: { name?: string; timeUnixNano?: Int; attributes?: KeyValue[] }[];
  droppedEventsCount?: number;
  links?: { traceId?: string; spanId?: string; attributes?: KeyValue[] }[];
  droppedLinksCount?: number;
  status?: { code?: number; message?: string };
}
interface OtlpLogRecord {
  eventName?: string;
  severityNumber?: number;
  severityText?: string;
  body?: AnyValue;
  attributes?: KeyValue[];
  droppedAttributesCount?: number;
  timeUnixNano?: Int;
  observedTimeUnixNano?: Int;
  traceId?: string;
  spanId?: string;
}
interface OtlpDataPoint {
  attributes?: KeyValue[];
  startTimeUnixNano?: Int;
  timeUnixNano?: Int;
  asInt?: Int;
  asDouble?: number;
  count?: Int;
  sum?: number;
  explicitBounds?: number[];
  bucketCounts?: Int[];
}
interface OtlpMetricData {
  dataPoints?: OtlpDataPoint[];
  aggregationTemporality?: number;
  isMonotonic?: boolean;
}
type OtlpMetric = { name?: string; description?: string; unit?: string } & {
  [kind in MetricKind]?: OtlpMetricData;
};
interface OtlpResource {
  attributes?: KeyValue[];
}

/** The body of a request to `/v1/traces`, `/v1/logs` or `/v1/metrics`. */
export interface OtlpRequest {
  resourceSpans?: {
    resource?: OtlpResource;
    scopeSpans?: { scope?: OtlpScope; spans?: OtlpSpan[] }[];
  }[];
  resourceLogs?: {
    resource?: OtlpResource;
    scopeLogs?: { scope?: OtlpScope; logRecords?: OtlpLogRecord[] }[];
  }[];
  resourceMetrics?: {
    resource?: OtlpResource;
    scopeMetrics?: { scope?: OtlpScope; metrics?: OtlpMetric[] }[];
  }[];
}

function value(any: AnyValue | undefined): Value {
  if (any?.stringValue !== undefined) return any.stringValue;
  if (any?.boolValue !== undefined) return any.boolValue;
  if (any?.intValue !== undefined) {
    const exact = BigInt(any.intValue);
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }
  if (any?.doubleValue !== undefined) return Number(any.doubleValue);
  if (any?.arrayValue !== undefined) return (any.arrayValue.values ?? []).map(value);
  if (any?.kvlistValue !== undefined) return attributes(any.kvlistValue.values);
  return any?.bytesValue ?? null;
}

function attributes(list: readonly KeyValue[] = []): Attributes {
  return Object.fromEntries(list.map((pair) => [pair.key ?? '', value(pair.value)]));
}

function origin(resource: OtlpResource | undefined, scope: OtlpScope | undefined, request: number): Origin {
  return {
    resource: attributes(resource?.attributes),
    scope: {
      name: scope?.name ?? '',
      version: scope?.version ?? '',
      attributes: attributes(scope?.attributes),
    },
    request,
  };
}

export function flattenSpans(body: OtlpRequest, request: number): ReceivedSpan[] {
  return (body.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) => {
      const from = origin(resource, scope, request);
      return spans.map((span) => ({
        ...from,
        traceId: span.traceId ?? '',
        spanId: span.spanId ?? '',
        parentSpanId: span.parentSpanId ?? '',
        traceState: span.traceState ?? '',
        name: span.name ?? '',
        kind: span.kind ?? 0,
        startTimeUnixNano: BigInt(span.startTimeUnixNano ?? 0),
        endTimeUnixNano: BigInt(span.endTimeUnixNano ?? 0),
        attributes: attributes(span.attributes),
        droppedAttributesCount: span.droppedAttributesCount ?? 0,
        events: (span.events ?? []).map((event) => ({
          name: event.name ?? '',
          timeUnixNano: BigInt(event.timeUnixNano ?? 0),
          attributes: attributes(event.attributes),
        })),
        droppedEventsCount: span.droppedEventsCount ?? 0,
        links: (span.links ?? []).map((link) => ({
          traceId: link.traceId ?? '',
          spanId: link.spanId ?? '',
          attributes: attributes(link.attributes),
        })),
        droppedLinksCount: span.droppedLinksCount ?? 0,
        status: { code: span.status?.code ?? 0, message: span.status?.message ?? '' },
      }));
    }),
  );
}

export function flattenLogRecords(body: OtlpRequest, request: number): ReceivedLogRecord[] {
  return (body.resourceLogs ?? []).flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs.flatMap(({ scope, logRecords = [] }) => {
      const from = origin(resource, scope, request);
      return logRecords.map((record) => ({
        ...from,
        eventName: record.eventName ?? '',
        severityNumber: record.severityNumber ?? 0,
        severityText: record.severityText ?? '',
        body: value(record.body),
        attributes: attributes(record.attributes),
        droppedAttributesCount: record.droppedAttributesCount ?? 0,
        timeUnixNano: BigInt(record.timeUnixNano ?? 0),
        observedTimeUnixNano: BigInt(record.observedTimeUnixNano ?? 0),
        traceId: record.traceId ?? '',
        spanId: record.spanId ?? '',
      }));
    }),
  );
}

const METRIC_KINDS: readonly MetricKind[] = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

export function flattenMetrics(body: OtlpRequest, request: number): ReceivedMetric[] {
  return (body.resourceMetrics ?? []).flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ scope, metrics = [] }) => {
      const from = origin(resource, scope, request);
      return metrics.flatMap((metric) =>
        METRIC_KINDS.flatMap((kind) =>
          (metric[kind]?.dataPoints ?? []).map((point) => ({
            ...from,
            name: metric.name ?? '',
            description: metric.description ?? '',
            unit: metric.unit ?? '',
            kind,
            temporality: metric[kind]?.aggregationTemporality ?? 0,
            monotonic: metric[kind]?.isMonotonic ?? false,
            attributes: attributes(point.attributes),
            startTimeUnixNano: BigInt(point.startTimeUnixNano ?? 0),
            timeUnixNano: BigInt(point.timeUnixNano ?? 0),
            value: point.asInt === undefined ? point.asDouble : Number(point.asInt),
            count: point.count === undefined ? undefined : Number(point.count),
            sum: point.sum,
            explicitBounds: point.explicitBounds ?? [],
            bucketCounts: (point.bucketCounts ?? []).map(Number),
          })),
        ),
      );
    }),
  );
}
