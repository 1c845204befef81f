import { ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { encodeBatch } from '../../../src/otlp/encode-batch.ts';
import { Losses } from '../../../src/otlp/losses.ts';
import { mendCollection, salvageCollection } from '../../../src/otlp/mend-metrics.ts';
import { metricsEncoding } from '../../../src/otlp/otlp-encoding.ts';

const HISTOGRAM = { count: 1, sum: 1, buckets: { boundaries: [1], counts: [1, 0] } };
const EXPONENTIAL = {
  count: 1,
  sum: 1,
  scale: 1,
  zeroCount: 0,
  positive: { offset: 0, bucketCounts: [1] },
  negative: { offset: 0, bucketCounts: [] },
};

/** A collection of one metric, as JavaScript may hand it over. */
function collection(type: DataPointType, values: readonly unknown[], descriptor: object = {}): ResourceMetrics {
  const metric: MetricData = Object.assign(
    {
      descriptor: { name: 'm', description: 'd', unit: 'u', valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.GAUGE as const,
      dataPoints: [],
    },
    {
      dataPointType: type,
      dataPoints: values.map((value) => ({ startTime: [1, 0], endTime: [2, 0], attributes: {}, value })),
    },
  );
  Object.assign(metric.descriptor, descriptor);
  return { resource: emptyResource(), scopeMetrics: [{ scope: { name: 's' }, metrics: [metric] }] };
}

const metricOf = (mended: ResourceMetrics | undefined): MetricData | undefined => mended?.scopeMetrics[0]?.metrics[0];
const valuesOf = (mended: ResourceMetrics | undefined): unknown =>
  metricOf(mended)?.dataPoints.map(({ value }: { readonly value: unknown }) => value);

describe('mendCollection', () => {
  it.each<[DataPointType, readonly unknown[]]>([
    [DataPointType.GAUGE, [1, Number.NaN, Infinity]],
    [DataPointType.SUM, [1, 2 ** 70]],
    [DataPointType.HISTOGRAM, [HISTOGRAM, {}]],
    [DataPointType.EXPONENTIAL_HISTOGRAM, [EXPONENTIAL]],
  ])('returns a good one of type %i as it is', (type, values) => {
    const good = collection(type, values);
    const losses = new Losses();
    expect([mendCollection(good, losses) === good, losses.found]).toEqual([true, undefined]);
  });

  it.each<[DataPointType, unknown]>([
    [DataPointType.GAUGE, 1],
    [DataPointType.SUM, 1],
    [DataPointType.HISTOGRAM, HISTOGRAM],
    [DataPointType.EXPONENTIAL_HISTOGRAM, EXPONENTIAL],
  ])('leaves out the bad points of type %i', (type, good) => {
    const bad = [
      '1',
      null,
      undefined,
      { buckets: { boundaries: [1, Number.NaN] } },
      { buckets: { boundaries: ['1'] } },
    ];
    const losses = new Losses();
    expect(valuesOf(mendCollection(collection(type, [...bad, good]), losses))).toEqual([good]);
    expect(losses.found).toEqual({ items: 0, size: 5, message: 'a data point of m has no valid time or value' });
  });

  it.each<[object, object]>([
    [{ unit: undefined }, {}],
    [{ unit: 5 }, { unit: '5' }],
    [{ unit: {} }, { unit: '' }],
    [{ description: {} }, { description: '' }],
    [{ description: 7 }, { description: '7' }],
  ])('has texts where there are none: %o', (given, mended) => {
    expect(
      metricOf(mendCollection(collection(DataPointType.GAUGE, [1], given), new Losses()))?.descriptor,
    ).toMatchObject({
      name: 'm',
      ...mended,
    });
  });

  it('makes doubles of integers beyond 64 bits, of all points of the metric', () => {
    const int = { valueType: ValueType.INT };
    const typeOf = (type: DataPointType, values: readonly unknown[]): unknown =>
      metricOf(mendCollection(collection(type, values, int), new Losses()))?.descriptor.valueType;
    expect([
      typeOf(DataPointType.SUM, [1, 2]),
      typeOf(DataPointType.SUM, [1, 2 ** 63]),
      typeOf(DataPointType.GAUGE, [1.5]),
      typeOf(DataPointType.HISTOGRAM, [HISTOGRAM]),
    ]).toEqual([ValueType.INT, ValueType.DOUBLE, ValueType.DOUBLE, ValueType.INT]);
  });

  it('counts a metric without a name by its points, at least one', () => {
    for (const [values, size] of [
      [[1, 2, 3], 3],
      [[], 1],
    ] as const) {
      const losses = new Losses();
      mendCollection(collection(DataPointType.GAUGE, values, { name: undefined }), losses);
      expect(losses.found).toMatchObject({ size, message: 'a metric has no name' });
    }
  });
});

describe('salvageCollection', () => {
  it.each<[DataPointType, readonly [unknown, unknown]]>([
    [DataPointType.GAUGE, [1, 2]],
    [DataPointType.SUM, [1, 2]],
    [DataPointType.HISTOGRAM, [HISTOGRAM, { ...HISTOGRAM, count: 2 }]],
    [DataPointType.EXPONENTIAL_HISTOGRAM, [EXPONENTIAL, { ...EXPONENTIAL, count: 2 }]],
  ])('keeps the points of type %i that can be serialised alone', (type, [good, bad]) => {
    const losses = new Losses();
    const serializes = (part: ResourceMetrics): boolean =>
      metricOf(part)?.dataPoints.every(({ value }: { readonly value: unknown }) => value !== bad) === true;
    const salvaged = salvageCollection(collection(type, [bad, good]), serializes, new Error('why'), losses);
    expect([valuesOf(salvaged), losses.found]).toEqual([[good], { items: 0, size: 1, message: 'why' }]);
  });
});

describe('metricsEncoding', () => {
  it('says why nothing of a collection can be sent', () => {
    const nameless = collection(DataPointType.GAUGE, [1], { name: undefined });
    expect(encodeBatch(metricsEncoding('http/json'), [nameless])).toEqual({
      status: 'invalid',
      error: new Error('a metric has no name'),
    });
    const losses = new Losses();
    const empty: ResourceMetrics = { resource: emptyResource(), scopeMetrics: [] };
    expect([mendCollection(empty, losses), mendCollection(nameless, losses)]).toEqual([empty, undefined]);
  });

  it('reads an answer without a body as a whole success', () => {
    expect(metricsEncoding('http/json').partialSuccess(new Uint8Array())).toEqual({ rejected: 0, message: '' });
    expect(() => metricsEncoding('http/json').partialSuccess(Buffer.from('x'))).toThrow('JSON');
  });

  it('says what could not be serialised where a serializer returns nothing', () => {
    const nothing = metricsEncoding('http/protobuf', {
      serializeRequest: () => undefined,
      deserializeResponse: () => ({ partialSuccess: {} }),
    });
    expect(() => nothing.serialize([collection(DataPointType.GAUGE, [1])])).toThrow(
      '1 collections of metrics could not be serialised',
    );
    expect(() => nothing.serialize([])).toThrow('no metrics to serialise');
  });
});
