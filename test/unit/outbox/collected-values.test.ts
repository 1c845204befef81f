import { ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  MeterProvider,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { CollectedValues } from '../../../src/outbox/collected-values.ts';

class Reader extends MetricReader {
  override async onForceFlush(): Promise<void> {}
  override async onShutdown(): Promise<void> {}
}

function setUp(temporality = AggregationTemporality.CUMULATIVE, exponential = false) {
  const reader = new Reader({
    aggregationTemporalitySelector: () => temporality,
    aggregationSelector: () =>
      exponential ? { type: AggregationType.EXPONENTIAL_HISTOGRAM } : { type: AggregationType.DEFAULT },
  });
  const provider = new MeterProvider({ readers: [reader] });
  const values = new CollectedValues(new Set(['process']));
  const collect = async (): Promise<ResourceMetrics> => (await reader.collect()).resourceMetrics;
  return {
    meter: provider.getMeter('app'),
    process: provider.getMeter('process'),
    /** Whether the collection of now has something new; it is the last one from then on. */
    isNew: async (): Promise<boolean> => {
      const collected = await collect();
      const differs = values.differFrom(collected);
      values.remember(collected);
      return differs;
    },
  };
}

it('what was counted, measured, set or observed since the last collection is new', async () => {
  const { meter, isNew } = setUp();
  expect(await isNew()).toBe(false);
  const counter = meter.createCounter('counter');
  counter.add(1);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  counter.add(1);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  counter.add(1, { another: 'series' });
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  const upDown = meter.createUpDownCounter('up.down');
  upDown.add(1, { of: 'a' });
  upDown.add(1, { of: 'b' });
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  upDown.add(1, { of: 'a' });
  upDown.add(-1, { of: 'b' });
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  const histogram = meter.createHistogram('histogram');
  histogram.record(0);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  histogram.record(0);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  const gauge = meter.createGauge('gauge');
  gauge.record(Number.NaN);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  gauge.record(5);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  let observed = 0;
  meter.createObservableGauge('observed').addCallback((result) => result.observe((observed += 1)));
  expect([await isNew(), await isNew()]).toEqual([true, true]);
});

it('an exponential histogram has its count, too', async () => {
  const { meter, isNew } = setUp(AggregationTemporality.CUMULATIVE, true);
  const histogram = meter.createHistogram('histogram');
  histogram.record(1);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  histogram.record(0);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
});

it('with delta temporality all that was recorded in an interval is new, also if it is as much again', async () => {
  const { meter, isNew } = setUp(AggregationTemporality.DELTA);
  const counter = meter.createCounter('counter');
  const histogram = meter.createHistogram('histogram');
  counter.add(1);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  counter.add(1);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  histogram.record(1);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
  histogram.record(1);
  expect([await isNew(), await isNew()]).toEqual([true, false]);
});

it('metrics of the process itself are never new', async () => {
  const { process, isNew } = setUp();
  process.createCounter('ticks').add(1);
  expect(await isNew()).toBe(false);
});

it('a histogram that has as many values as before, with another sum, is new; one without a sum is not, for that', () => {
  const of = (
    values: readonly object[],
    aggregationTemporality = AggregationTemporality.CUMULATIVE,
  ): ResourceMetrics => ({
    resource: emptyResource(),
    scopeMetrics: [
      {
        scope: { name: 'app' },
        metrics: values.map((value, index) => ({
          descriptor: { name: `h${index}`, description: '', unit: '', valueType: ValueType.DOUBLE },
          aggregationTemporality,
          dataPointType: DataPointType.HISTOGRAM,
          dataPoints: [
            {
              startTime: [1, 0],
              endTime: [2, 0],
              attributes: {},
              value: { buckets: { boundaries: [], counts: [1] }, count: 1, ...value },
            },
          ],
        })),
      },
    ],
  });
  const values = new CollectedValues(new Set());
  const isNew = (collected: ResourceMetrics): boolean => {
    const differs = values.differFrom(collected);
    values.remember(collected);
    return differs;
  };
  expect([isNew(of([{ sum: 1 }])), isNew(of([{ sum: 1 }])), isNew(of([{ sum: 2 }]))]).toEqual([true, false, true]);
  expect([isNew(of([{}])), isNew(of([{}])), isNew(of([{ sum: 0 }]))]).toEqual([true, false, false]);
  // Of two, one has a value of this interval.
  const delta = AggregationTemporality.DELTA;
  expect([isNew(of([{ count: 0 }], delta)), isNew(of([{ count: 0 }, { count: 1 }], delta))]).toEqual([true, true]);
  expect(isNew(of([{ count: 0 }], delta))).toBe(false);
});

it('with delta temporality one series that has something is enough, and zeros are nothing', async () => {
  const { meter, isNew } = setUp(AggregationTemporality.DELTA);
  const counter = meter.createCounter('counter');
  counter.add(0, { of: 'a' });
  counter.add(0, { of: 'b' });
  expect(await isNew()).toBe(false);
  counter.add(0, { of: 'a' });
  counter.add(1, { of: 'b' });
  expect(await isNew()).toBe(true);
});
