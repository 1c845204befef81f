import {
  AggregationTemporality,
  AggregationType,
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
