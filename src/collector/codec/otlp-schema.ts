import { type Field, many, one, oneof, optional } from './schema.ts';

/**
 * The messages of OTLP (opentelemetry-proto v1.11: traces, metrics, logs) and of `google.rpc.Status`, as one table.
 * Protobuf decoding and encoding, JSON normalisation and the order of keys in the stored lines all follow it.
 *
 * Names are those of OTLP/JSON (lowerCamelCase), numbers those of the .proto files. Fields are listed in the order of their
 * numbers, in which serializers write them, so that the decoder rarely has to reorder them.
 * `KeyValue.key_strindex` and `AnyValue.string_value_strindex` belong to profiles only and are left out, so they are skipped as unknown fields.
 */

export type MessageName =
  | 'TracesData'
  | 'ResourceSpans'
  | 'ScopeSpans'
  | 'Span'
  | 'SpanEvent'
  | 'SpanLink'
  | 'SpanStatus'
  | 'MetricsData'
  | 'ResourceMetrics'
  | 'ScopeMetrics'
  | 'Metric'
  | 'Gauge'
  | 'Sum'
  | 'Histogram'
  | 'ExponentialHistogram'
  | 'Summary'
  | 'NumberDataPoint'
  | 'HistogramDataPoint'
  | 'ExponentialHistogramDataPoint'
  | 'Buckets'
  | 'SummaryDataPoint'
  | 'ValueAtQuantile'
  | 'Exemplar'
  | 'LogsData'
  | 'ResourceLogs'
  | 'ScopeLogs'
  | 'LogRecord'
  | 'Resource'
  | 'EntityRef'
  | 'InstrumentationScope'
  | 'KeyValue'
  | 'AnyValue'
  | 'ArrayValue'
  | 'KeyValueList'
  | 'TracesResponse'
  | 'TracesPartialSuccess'
  | 'MetricsResponse'
  | 'MetricsPartialSuccess'
  | 'LogsResponse'
  | 'LogsPartialSuccess'
  | 'RpcStatus'
  | 'Any'
  | 'BadRequest'
  | 'FieldViolation';

export type Schema = Readonly<Record<MessageName, readonly Field<MessageName>[]>>;

export const otlpSchema: Schema = {
  // trace.proto; TracesData and ExportTraceServiceRequest have the same single field, as do their counterparts for metrics and logs.
  TracesData: [many(1, 'resourceSpans', 'ResourceSpans')],
  ResourceSpans: [one(1, 'resource', 'Resource'), many(2, 'scopeSpans', 'ScopeSpans'), one(3, 'schemaUrl', 'string')],
  ScopeSpans: [one(1, 'scope', 'InstrumentationScope'), many(2, 'spans', 'Span'), one(3, 'schemaUrl', 'string')],
  Span: [
    one(1, 'traceId', 'id'),
    one(2, 'spanId', 'id'),
    one(3, 'traceState', 'string'),
    one(4, 'parentSpanId', 'id'),
    one(5, 'name', 'string'),
    one(6, 'kind', 'enum'),
    one(7, 'startTimeUnixNano', 'fixed64'),
    one(8, 'endTimeUnixNano', 'fixed64'),
    many(9, 'attributes', 'KeyValue'),
    one(10, 'droppedAttributesCount', 'uint32'),
    many(11, 'events', 'SpanEvent'),
    one(12, 'droppedEventsCount', 'uint32'),
    many(13, 'links', 'SpanLink'),
    one(14, 'droppedLinksCount', 'uint32'),
    one(15, 'status', 'SpanStatus'),
    one(16, 'flags', 'fixed32'),
  ],
  SpanEvent: [
    one(1, 'timeUnixNano', 'fixed64'),
    one(2, 'name', 'string'),
    many(3, 'attributes', 'KeyValue'),
    one(4, 'droppedAttributesCount', 'uint32'),
  ],
  SpanLink: [
    one(1, 'traceId', 'id'),
    one(2, 'spanId', 'id'),
    one(3, 'traceState', 'string'),
    many(4, 'attributes', 'KeyValue'),
    one(5, 'droppedAttributesCount', 'uint32'),
    one(6, 'flags', 'fixed32'),
  ],
  SpanStatus: [one(2, 'message', 'string'), one(3, 'code', 'enum')],

  // metrics.proto
  MetricsData: [many(1, 'resourceMetrics', 'ResourceMetrics')],
  ResourceMetrics: [
    one(1, 'resource', 'Resource'),
    many(2, 'scopeMetrics', 'ScopeMetrics'),
    one(3, 'schemaUrl', 'string'),
  ],
  ScopeMetrics: [one(1, 'scope', 'InstrumentationScope'), many(2, 'metrics', 'Metric'), one(3, 'schemaUrl', 'string')],
  Metric: [
    one(1, 'name', 'string'),
    one(2, 'description', 'string'),
    one(3, 'unit', 'string'),
    oneof(5, 'gauge', 'Gauge'),
    oneof(7, 'sum', 'Sum'),
    oneof(9, 'histogram', 'Histogram'),
    oneof(10, 'exponentialHistogram', 'ExponentialHistogram'),
    oneof(11, 'summary', 'Summary'),
    many(12, 'metadata', 'KeyValue'),
  ],
  Gauge: [many(1, 'dataPoints', 'NumberDataPoint')],
  Sum: [
    many(1, 'dataPoints', 'NumberDataPoint'),
    one(2, 'aggregationTemporality', 'enum'),
    one(3, 'isMonotonic', 'bool'),
  ],
  Histogram: [many(1, 'dataPoints', 'HistogramDataPoint'), one(2, 'aggregationTemporality', 'enum')],
  ExponentialHistogram: [
    many(1, 'dataPoints', 'ExponentialHistogramDataPoint'),
    one(2, 'aggregationTemporality', 'enum'),
  ],
  Summary: [many(1, 'dataPoints', 'SummaryDataPoint')],
  NumberDataPoint: [
    one(2, 'startTimeUnixNano', 'fixed64'),
    one(3, 'timeUnixNano', 'fixed64'),
    oneof(4, 'asDouble', 'double'),
    many(5, 'exemplars', 'Exemplar'),
    oneof(6, 'asInt', 'sfixed64'),
    many(7, 'attributes', 'KeyValue'),
    one(8, 'flags', 'uint32'),
  ],
  HistogramDataPoint: [
    one(2, 'startTimeUnixNano', 'fixed64'),
    one(3, 'timeUnixNano', 'fixed64'),
    one(4, 'count', 'fixed64'),
    optional(5, 'sum', 'double'),
    many(6, 'bucketCounts', 'fixed64'),
    many(7, 'explicitBounds', 'double'),
    many(8, 'exemplars', 'Exemplar'),
    many(9, 'attributes', 'KeyValue'),
    one(10, 'flags', 'uint32'),
    optional(11, 'min', 'double'),
    optional(12, 'max', 'double'),
  ],
  ExponentialHistogramDataPoint: [
    many(1, 'attributes', 'KeyValue'),
    one(2, 'startTimeUnixNano', 'fixed64'),
    one(3, 'timeUnixNano', 'fixed64'),
    one(4, 'count', 'fixed64'),
    optional(5, 'sum', 'double'),
    one(6, 'scale', 'sint32'),
    one(7, 'zeroCount', 'fixed64'),
    one(8, 'positive', 'Buckets'),
    one(9, 'negative', 'Buckets'),
    one(10, 'flags', 'uint32'),
    many(11, 'exemplars', 'Exemplar'),
    optional(12, 'min', 'double'),
    optional(13, 'max', 'double'),
    one(14, 'zeroThreshold', 'double'),
  ],
  Buckets: [one(1, 'offset', 'sint32'), many(2, 'bucketCounts', 'uint64')],
  SummaryDataPoint: [
    one(2, 'startTimeUnixNano', 'fixed64'),
    one(3, 'timeUnixNano', 'fixed64'),
    one(4, 'count', 'fixed64'),
    one(5, 'sum', 'double'),
    many(6, 'quantileValues', 'ValueAtQuantile'),
    many(7, 'attributes', 'KeyValue'),
    one(8, 'flags', 'uint32'),
  ],
  ValueAtQuantile: [one(1, 'quantile', 'double'), one(2, 'value', 'double')],
  Exemplar: [
    one(2, 'timeUnixNano', 'fixed64'),
    oneof(3, 'asDouble', 'double'),
    one(4, 'spanId', 'id'),
    one(5, 'traceId', 'id'),
    oneof(6, 'asInt', 'sfixed64'),
    many(7, 'filteredAttributes', 'KeyValue'),
  ],

  // logs.proto
  LogsData: [many(1, 'resourceLogs', 'ResourceLogs')],
  ResourceLogs: [one(1, 'resource', 'Resource'), many(2, 'scopeLogs', 'ScopeLogs'), one(3, 'schemaUrl', 'string')],
  ScopeLogs: [
    one(1, 'scope', 'InstrumentationScope'),
    many(2, 'logRecords', 'LogRecord'),
    one(3, 'schemaUrl', 'string'),
  ],
  LogRecord: [
    one(1, 'timeUnixNano', 'fixed64'),
    one(2, 'severityNumber', 'enum'),
    one(3, 'severityText', 'string'),
    one(5, 'body', 'AnyValue'),
    many(6, 'attributes', 'KeyValue'),
    one(7, 'droppedAttributesCount', 'uint32'),
    one(8, 'flags', 'fixed32'),
    one(9, 'traceId', 'id'),
    one(10, 'spanId', 'id'),
    one(11, 'observedTimeUnixNano', 'fixed64'),
    one(12, 'eventName', 'string'),
  ],

  // resource.proto, common.proto
  Resource: [
    many(1, 'attributes', 'KeyValue'),
    one(2, 'droppedAttributesCount', 'uint32'),
    many(3, 'entityRefs', 'EntityRef'),
  ],
  EntityRef: [
    one(1, 'schemaUrl', 'string'),
    one(2, 'type', 'string'),
    many(3, 'idKeys', 'string'),
    many(4, 'descriptionKeys', 'string'),
  ],
  InstrumentationScope: [
    one(1, 'name', 'string'),
    one(2, 'version', 'string'),
    many(3, 'attributes', 'KeyValue'),
    one(4, 'droppedAttributesCount', 'uint32'),
  ],
  KeyValue: [one(1, 'key', 'string'), one(2, 'value', 'AnyValue')],
  AnyValue: [
    oneof(1, 'stringValue', 'string'),
    oneof(2, 'boolValue', 'bool'),
    oneof(3, 'intValue', 'int64'),
    oneof(4, 'doubleValue', 'double'),
    oneof(5, 'arrayValue', 'ArrayValue'),
    oneof(6, 'kvlistValue', 'KeyValueList'),
    oneof(7, 'bytesValue', 'bytes'),
  ],
  ArrayValue: [many(1, 'values', 'AnyValue')],
  KeyValueList: [many(1, 'values', 'KeyValue')],

  // trace_service.proto, metrics_service.proto, logs_service.proto: the Export…ServiceResponse of each.
  TracesResponse: [one(1, 'partialSuccess', 'TracesPartialSuccess')],
  TracesPartialSuccess: [one(1, 'rejectedSpans', 'int64'), one(2, 'errorMessage', 'string')],
  MetricsResponse: [one(1, 'partialSuccess', 'MetricsPartialSuccess')],
  MetricsPartialSuccess: [one(1, 'rejectedDataPoints', 'int64'), one(2, 'errorMessage', 'string')],
  LogsResponse: [one(1, 'partialSuccess', 'LogsPartialSuccess')],
  LogsPartialSuccess: [one(1, 'rejectedLogRecords', 'int64'), one(2, 'errorMessage', 'string')],

  // google/rpc/status.proto, google/rpc/error_details.proto, google/protobuf/any.proto: the body of an error response.
  RpcStatus: [one(1, 'code', 'int32'), one(2, 'message', 'string'), many(3, 'details', 'Any')],
  Any: [one(1, 'typeUrl', 'string'), one(2, 'value', 'bytes')],
  BadRequest: [many(1, 'fieldViolations', 'FieldViolation')],
  FieldViolation: [one(1, 'field', 'string'), one(2, 'description', 'string')],
};
