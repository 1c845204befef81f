import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  ValueType,
} from '@opentelemetry/api';
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** One request as the OpenTelemetry SDK for JavaScript sends it, in its two encodings. */
export interface Sample {
  readonly protobuf: Buffer;
  readonly json: Buffer;
}

const resource = resourceFromAttributes({ 'service.name': 'sample', 'process.pid': 4711 });
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

/** Every kind of attribute value that the SDK takes. */
const everyKind: Attributes = {
  text: 'grüße 🌍',
  empty: '',
  yes: true,
  no: false,
  zero: 0,
  integer: 42,
  negative: -42,
  'safe integer': Number.MAX_SAFE_INTEGER,
  'least safe integer': Number.MIN_SAFE_INTEGER,
  double: 1.5,
  tiny: 5e-324,
  // Beyond 64 bits: the SDK's JSON has it as an intValue, its protobuf as a double.
  huge: 1e300,
  strings: ['a', '', 'c'],
  numbers: [1, -2, 2.5],
  booleans: [true, false],
  'empty list': [],
};

function sample(protobuf: Uint8Array | undefined, json: Uint8Array | undefined): Sample {
  if (protobuf === undefined || json === undefined) throw new Error('the SDK serialised nothing');
  return { protobuf: Buffer.from(protobuf), json: Buffer.from(json) };
}

function spans(count: number): readonly ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('sample-tracer', '1.2.3', { schemaUrl: 'https://opentelemetry.io/schemas/1.45.0' });
  const remote = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
  const link = { context: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: TraceFlags.SAMPLED } };
  for (let index = 0; index < count; index++) {
    const parent = index % 2 === 0 ? ROOT_CONTEXT : remote;
    const options = {
      kind: SpanKind.SERVER,
      attributes: everyKind,
      links: [{ ...link, attributes: { why: 'batch' } }, link],
    };
    const span = tracer.startSpan(`span ${index}`, options, parent);
    span.addEvent('first', everyKind);
    span.addEvent('second');
    if (index % 3 === 0) span.setStatus({ code: SpanStatusCode.ERROR, message: 'went wrong' });
    span.end();
    tracer.startSpan('child', { kind: SpanKind.INTERNAL }, trace.setSpan(context.active(), span)).end();
  }
  return exporter.getFinishedSpans();
}

export function traceSample(count = 4): Sample {
  const finished = [...spans(count)];
  return sample(ProtobufTraceSerializer.serializeRequest(finished), JsonTraceSerializer.serializeRequest(finished));
}

export async function metricSample(): Promise<Sample> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  const meter = provider.getMeter('sample-meter', '0.0.1');
  meter.createCounter('requests', { unit: '{request}', description: 'requests served' }).add(3, everyKind);
  meter.createUpDownCounter('open', { valueType: ValueType.INT }).add(-25);
  meter.createGauge('temperature', { unit: 'Cel' }).record(21.25, { room: 'cellar' });
  const explicit = meter.createHistogram('explicit', { unit: 's' });
  const exponential = meter.createHistogram('exponential');
  for (const value of [0, 0.004, 1, 17, 1000, 123_456]) {
    explicit.record(value, { route: '/' });
    exponential.record(value, { route: '/' });
  }
  await reader.forceFlush();
  const [metrics] = exporter.getMetrics();
  await provider.shutdown();
  if (metrics === undefined) throw new Error('the SDK exported no metrics');
  return sample(ProtobufMetricsSerializer.serializeRequest(metrics), JsonMetricsSerializer.serializeRequest(metrics));
}

export function logSample(): Sample {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger('sample-logger');
  const inSpan = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceFlags: TraceFlags.SAMPLED,
  });
  const severityNumber = SeverityNumber.FATAL;
  logger.emit({ severityNumber, severityText: 'FATAL', body: 'it broke\nin two lines', context: inSpan });
  logger.emit({
    eventName: 'user.login',
    body: { nested: { list: [1, 'two', [3.5, null]], bytes: new Uint8Array([0, 1, 254, 255]), empty: {} } },
    attributes: {
      ...everyKind,
      map: { key: 'value' },
      binary: new Uint8Array([222, 173]),
      mixed: [1, 'a', true, null],
    },
  });
  logger.emit({});
  const records = [...exporter.getFinishedLogRecords()];
  return sample(ProtobufLogsSerializer.serializeRequest(records), JsonLogsSerializer.serializeRequest(records));
}
