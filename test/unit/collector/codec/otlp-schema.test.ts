import { describe, expect, test } from 'vitest';
import { otlpSchema } from '../../../../src/collector/codec/otlp-schema.ts';

describe('every message', () => {
  test.each(Object.entries(otlpSchema))('%s: numbers ascend, names are unique and lowerCamelCase', (_name, fields) => {
    const numbers = fields.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length);
    expect(fields.filter(({ name }) => !/^[a-z][A-Za-z]*$/.test(name))).toEqual([]);
  });
});

/**
 * Copied by hand from the .proto files for what the OpenTelemetry SDK for JavaScript never sends; the rest is held by
 * otlp-codec.test.ts, where its serializers are the other side.
 */
test.each([
  [
    'Metric',
    'name 1 string, description 2 string, unit 3 string, gauge 5 Gauge, sum 7 Sum, histogram 9 Histogram, exponentialHistogram 10 ExponentialHistogram, summary 11 Summary, metadata 12 KeyValue',
  ],
  [
    'NumberDataPoint',
    'startTimeUnixNano 2 fixed64, timeUnixNano 3 fixed64, asDouble 4 double, exemplars 5 Exemplar, asInt 6 sfixed64, attributes 7 KeyValue, flags 8 uint32',
  ],
  [
    'HistogramDataPoint',
    'startTimeUnixNano 2 fixed64, timeUnixNano 3 fixed64, count 4 fixed64, sum 5 double, bucketCounts 6 fixed64, explicitBounds 7 double, exemplars 8 Exemplar, attributes 9 KeyValue, flags 10 uint32, min 11 double, max 12 double',
  ],
  [
    'ExponentialHistogramDataPoint',
    'attributes 1 KeyValue, startTimeUnixNano 2 fixed64, timeUnixNano 3 fixed64, count 4 fixed64, sum 5 double, scale 6 sint32, zeroCount 7 fixed64, positive 8 Buckets, negative 9 Buckets, flags 10 uint32, exemplars 11 Exemplar, min 12 double, max 13 double, zeroThreshold 14 double',
  ],
  ['Summary', 'dataPoints 1 SummaryDataPoint'],
  [
    'SummaryDataPoint',
    'startTimeUnixNano 2 fixed64, timeUnixNano 3 fixed64, count 4 fixed64, sum 5 double, quantileValues 6 ValueAtQuantile, attributes 7 KeyValue, flags 8 uint32',
  ],
  ['ValueAtQuantile', 'quantile 1 double, value 2 double'],
  [
    'Exemplar',
    'timeUnixNano 2 fixed64, asDouble 3 double, spanId 4 id, traceId 5 id, asInt 6 sfixed64, filteredAttributes 7 KeyValue',
  ],
  ['Resource', 'attributes 1 KeyValue, droppedAttributesCount 2 uint32, entityRefs 3 EntityRef'],
  ['EntityRef', 'schemaUrl 1 string, type 2 string, idKeys 3 string, descriptionKeys 4 string'],
  ['InstrumentationScope', 'name 1 string, version 2 string, attributes 3 KeyValue, droppedAttributesCount 4 uint32'],
  ['RpcStatus', 'code 1 int32, message 2 string, details 3 Any'],
  ['Any', 'typeUrl 1 string, value 2 bytes'],
  ['BadRequest', 'fieldViolations 1 FieldViolation'],
  ['FieldViolation', 'field 1 string, description 2 string'],
] as const)('%s is as in its .proto file', (message, expected) => {
  const fields = otlpSchema[message].map(({ name, number, type }) => `${name} ${number} ${type}`);
  expect(fields.join(', ')).toBe(expected);
});
