import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, ValueType } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { AggregationType, MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { decodeJson } from '../../../src/collector/codec/otlp-json.ts';
import { decodeProtobuf } from '../../../src/collector/codec/otlp-protobuf.ts';
import type { MessageName } from '../../../src/collector/codec/otlp-schema.ts';
import { encodeBatch } from '../../../src/otlp/encode-batch.ts';
import {
  logRecordEncoding,
  metricsEncoding,
  type OtlpEncoding,
  type OtlpFormat,
  spanEncoding,
} from '../../../src/otlp/otlp-encoding.ts';
import { OutboxMetricReader } from '../../../src/outbox/metric-reader.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';

/** Each number where a form of it ends: int64 and double, what JSON has no form for, what a double cannot tell apart. */
const NUMBERS = [
  0,
  -0,
  -1,
  1.5,
  2 ** 53,
  -(2 ** 53) - 2,
  2 ** 62,
  2 ** 63 - 1024,
  2 ** 63,
  -(2 ** 63),
  1e21,
  1e300,
  5e-324,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const ATTRIBUTES = {
  ...Object.fromEntries(NUMBERS.map((number, index) => [`number ${index}`, number])),
  list: [...NUMBERS, 'text', true, null],
  bytes: new Uint8Array([0, 255, 128]),
  nested: { deeper: { number: Number.NaN, text: 'é𝄞"\\\n' }, none: null },
};
const resource = resourceFromAttributes({ 'service.name': 'test', numbers: [1, 2.5] });

function encoded<T>(encoding: OtlpEncoding<T>, items: readonly T[]): Uint8Array {
  const batch = encodeBatch(encoding, items);
  if (batch.status === 'invalid') throw batch.error;
  expect(batch.invalid).toBe(undefined);
  return batch.bytes;
}

/** The same batch in both encodings, decoded. */
function bothWays<T>(name: MessageName, encodingFor: (format: OtlpFormat) => OtlpEncoding<T>, items: readonly T[]) {
  const json = encoded(encodingFor('http/json'), items);
  const protobuf = encoded(encodingFor('http/protobuf'), items);
  return {
    text: Buffer.from(json).toString(),
    fromJson: decodeJson(name, Buffer.from(json)),
    fromProtobuf: decodeProtobuf(name, Buffer.from(protobuf)),
  };
}

function spans(use: (provider: TracerProvider) => void) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  use(provider);
  return exporter.getFinishedSpans();
}

function logRecords(use: (provider: LoggerProvider) => void) {
  const exporter = new InMemoryLogRecordExporter();
  use(new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] }));
  return exporter.getFinishedLogRecords();
}

async function collection(
  use: (provider: MeterProvider) => void,
  aggregation: AggregationType.DEFAULT | AggregationType.EXPONENTIAL_HISTOGRAM = AggregationType.DEFAULT,
): Promise<ResourceMetrics> {
  const reader = new OutboxMetricReader({
    outbox: new Outbox({
      maxQueueSize: 1,
      maxBatchSize: 1,
      maxInFlight: 1,
      scheduleDelayMillis: 0,
      attemptTimeoutMillis: 1,
      deliver: () => Promise.reject(new Error('nothing is delivered')),
    }),
    intervalMillis: 1e6,
    collectTimeoutMillis: 1000,
    flushTimeoutMillis: 0,
    aggregationSelector: () => ({ type: aggregation }),
  });
  use(new MeterProvider({ resource, readers: [reader] }));
  const { resourceMetrics } = await reader.collect();
  reader.stop();
  return resourceMetrics;
}

describe('http/json says what http/protobuf says', () => {
  it('of spans', () => {
    const ended = spans((provider) => {
      const tracer = provider.getTracer('one', '1.2.3', { schemaUrl: 'https://opentelemetry.io/schemas/1.30.0' });
      const remote = {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
        traceFlags: TraceFlags.SAMPLED,
        isRemote: true,
      };
      const parent = trace.setSpanContext(ROOT_CONTEXT, remote);
      const options = {
        kind: SpanKind.SERVER,
        attributes: ATTRIBUTES,
        links: [{ context: remote, attributes: { a: 1 } }],
      };
      const span = tracer.startSpan('é', { ...options, startTime: [1_700_000_000, 5] }, parent);
      span.addEvent('event', { number: 7 }, [1_700_000_000, 999_999_999]);
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
      span.end([1_700_000_001, 0]);
      tracer.startSpan('root', { startTime: [0, 7] }).end([0, 8]);
      provider.getTracer('two').startSpan('other').end();
    });
    const { fromJson, fromProtobuf } = bothWays('TracesData', spanEncoding, ended);
    expect(fromJson).toEqual(fromProtobuf);
  });

  it('of log records', () => {
    const emitted = logRecords((provider) => {
      const logger = provider.getLogger('one', '1', { attributes: { scope: 'yes' } });
      const context = trace.setSpanContext(ROOT_CONTEXT, {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
        traceFlags: TraceFlags.SAMPLED,
      });
      logger.emit({ severityNumber: 9, severityText: 'INFO', body: 'text', context, eventName: 'an.event' });
      for (const body of [...NUMBERS, true, null, ATTRIBUTES, [ATTRIBUTES]])
        logger.emit({ body, attributes: ATTRIBUTES });
      provider.getLogger('two').emit({});
    });
    const { fromJson, fromProtobuf } = bothWays('LogsData', logRecordEncoding, emitted);
    expect(fromJson).toEqual(fromProtobuf);
  });

  it.each([AggregationType.DEFAULT, AggregationType.EXPONENTIAL_HISTOGRAM] as const)(
    'of metrics, with aggregation %i for histograms',
    async (aggregation) => {
      const collected = await collection((provider) => {
        const meter = provider.getMeter('one', '1');
        for (const [index, number] of NUMBERS.entries()) {
          meter.createGauge(`gauge.${index}`, { unit: 's', description: 'a gauge' }).record(number, { index });
          meter.createUpDownCounter(`sum.${index}`, { valueType: ValueType.INT }).add(number);
          meter.createHistogram(`histogram.${index}`).record(Math.abs(number), ATTRIBUTES);
        }
        for (const number of [0, 0.1, 1, 100, 1e6]) meter.createHistogram('histogram').record(number);
      }, aggregation);
      const { fromJson, fromProtobuf } = bothWays('MetricsData', metricsEncoding, [collected]);
      expect(fromJson).toEqual(fromProtobuf);
    },
  );
});

describe('http/json, and with it otlp/stdout and the file of self-metrics, is ProtoJSON', () => {
  const value = (number: number) => {
    const [span] = spans((provider) => provider.getTracer('t').startSpan('s', { attributes: { number } }).end());
    if (span === undefined) throw new Error('no span ended');
    const text = Buffer.from(encoded(spanEncoding('http/json'), [span])).toString();
    return /"key":"number","value":(\{[^}]*\})/.exec(text)?.[1];
  };

  it.each([
    [5, '{"intValue":"5"}'],
    [2 ** 62, '{"intValue":"4611686018427387904"}'],
    [-(2 ** 63), '{"intValue":"-9223372036854775808"}'],
    [2 ** 63, '{"doubleValue":9223372036854776000}'],
    [1e300, '{"doubleValue":1e+300}'],
    [Number.NaN, '{"doubleValue":"NaN"}'],
    [Number.POSITIVE_INFINITY, '{"doubleValue":"Infinity"}'],
    [Number.NEGATIVE_INFINITY, '{"doubleValue":"-Infinity"}'],
  ])('an attribute %f is %s', (number, json) => {
    expect(value(number)).toBe(json);
  });

  it('writes integers of 64 bits as strings, doubles and small integers as numbers, on one line', async () => {
    const collected = await collection((provider) => {
      const meter = provider.getMeter('a\nb');
      meter.createCounter('int', { valueType: ValueType.INT }).add(7, { key: 5 });
      meter.createCounter('double').add(3);
      meter.createCounter('huge', { valueType: ValueType.INT }).add(1e300);
      meter.createGauge('nan').record(Number.NaN);
      meter.createHistogram('histogram', { advice: { explicitBucketBoundaries: [0.5] } }).record(Infinity);
    });
    const text = Buffer.from(encoded(metricsEncoding('http/json'), [collected])).toString();
    expect(text).not.toContain('\n');
    for (const part of [
      '"name":"a\\nb"',
      '"min":"Infinity","max":"Infinity"',
      '"asInt":"7"',
      '"value":{"intValue":"5"}',
      '"asDouble":3',
      '"asDouble":1e+300',
      '"asDouble":"NaN"',
      '"count":"1"',
      '"sum":"Infinity"',
      '"bucketCounts":["0","1"]',
      '"explicitBounds":[0.5]',
      '"aggregationTemporality":2',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/"timeUnixNano":"\d+"/);
    expect(text).not.toContain('null');
  });

  it.each(['http/json', 'http/protobuf'] as const)(
    'an exponential histogram has its count of zeros (%s)',
    async (format) => {
      const collected = await collection(
        (provider) => provider.getMeter('m').createHistogram('h').record(0),
        AggregationType.EXPONENTIAL_HISTOGRAM,
      );
      const body = Buffer.from(encoded(metricsEncoding(format), [collected]));
      const json = format === 'http/json' ? body.toString() : JSON.stringify(decodeProtobuf('MetricsData', body));
      expect(json).toContain('"zeroCount":"1"');
    },
  );
});
