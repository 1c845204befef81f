import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// The part of OTLP, in its JSON form, that the tour shows: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
export interface OtlpAttribute {
  readonly key: string;
  readonly value?: {
    readonly stringValue?: string;
    readonly intValue?: string;
    readonly doubleValue?: number;
    readonly boolValue?: boolean;
  };
}
interface Resource {
  readonly attributes?: readonly OtlpAttribute[];
}
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly OtlpAttribute[];
  readonly status?: { readonly code?: number };
}
interface MetricData {
  readonly dataPoints?: readonly { readonly count?: string }[];
}
export interface OtlpMetric {
  readonly name: string;
  readonly gauge?: MetricData;
  readonly sum?: MetricData;
  readonly histogram?: MetricData;
}
export interface OtlpLogRecord {
  readonly eventName?: string;
  readonly severityText?: string;
  readonly body?: { readonly stringValue?: string };
  readonly attributes?: readonly OtlpAttribute[];
  readonly traceId?: string;
  readonly spanId?: string;
}
interface TracesLine {
  readonly resourceSpans?: readonly {
    readonly resource?: Resource;
    readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[];
  }[];
}
interface MetricsLine {
  readonly resourceMetrics?: readonly {
    readonly resource?: Resource;
    readonly scopeMetrics?: readonly { readonly metrics?: readonly OtlpMetric[] }[];
  }[];
}
interface LogsLine {
  readonly resourceLogs?: readonly {
    readonly scopeLogs?: readonly { readonly logRecords?: readonly OtlpLogRecord[] }[];
  }[];
}

/** Everything in the three files of a collector, in the order in which it arrived. */
export interface OtlpFiles {
  readonly spans: readonly (OtlpSpan & { readonly service: string })[];
  readonly metrics: readonly (OtlpMetric & { readonly service: string })[];
  readonly logRecords: readonly OtlpLogRecord[];
}

/** Reads traces.jsonl, metrics.jsonl and logs.jsonl. */
export function readOtlpFiles(directory: string): OtlpFiles {
  return {
    spans: readLines<TracesLine>(directory, 'traces.jsonl')
      .flatMap(({ resourceSpans = [] }) => resourceSpans)
      .flatMap(({ resource, scopeSpans = [] }) =>
        scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => ({ ...span, service: serviceOf(resource) }))),
      ),
    metrics: readLines<MetricsLine>(directory, 'metrics.jsonl')
      .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
      .flatMap(({ resource, scopeMetrics = [] }) =>
        scopeMetrics.flatMap(({ metrics = [] }) =>
          metrics.map((metric) => ({ ...metric, service: serviceOf(resource) })),
        ),
      ),
    logRecords: readLines<LogsLine>(directory, 'logs.jsonl')
      .flatMap(({ resourceLogs = [] }) => resourceLogs)
      .flatMap(({ scopeLogs = [] }) => scopeLogs)
      .flatMap(({ logRecords = [] }) => logRecords),
  };
}

/** An attribute's value as text; undefined if it is missing or not a single value. */
export function attributeOf(attributes: readonly OtlpAttribute[] | undefined, key: string): string | undefined {
  const value = attributes?.find((attribute) => attribute.key === key)?.value;
  return value?.stringValue ?? value?.intValue ?? value?.doubleValue?.toString() ?? value?.boolValue?.toString();
}

function serviceOf(resource: Resource | undefined): string {
  return attributeOf(resource?.attributes, 'service.name') ?? 'unknown';
}

/** One line per export request. What follows the last newline is still being written. */
function readLines<Line>(directory: string, file: string): Line[] {
  const lines = readFileSync(join(directory, file), 'utf8').split('\n').slice(0, -1);
  return lines.map((line): Line => JSON.parse(line));
}
