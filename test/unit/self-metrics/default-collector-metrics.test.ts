import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { createDefaultCollectorMetrics } from '../../../src/self-metrics/default-collector-metrics.ts';
import type { SelfMetrics } from '../../../src/self-metrics/pipeline.ts';
import {
  addPipeline,
  removePipeline,
  type RunningPipeline,
  runningPipelines,
} from '../../../src/self-metrics/running-pipelines.ts';
import { ScrapeReader } from '../../../src/self-metrics/scrape-reader.ts';

function pipeline() {
  const reader = new ScrapeReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  const selfMetrics: SelfMetrics = {
    meter: meterProvider.getMeter('test'),
    meterProvider,
    listening: Promise.resolve(undefined),
    shutdown: () => Promise.reject(new Error('not of this test')),
  };
  const running: RunningPipeline = { selfMetrics, byVariables: false };
  const value = async (name: string): Promise<unknown> => {
    const { resourceMetrics } = await reader.scrape();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints[0]?.value;
  };
  return { running, value };
}

it('counts on every pipeline that runs, from its start to its end', async () => {
  const metrics = createDefaultCollectorMetrics({ series: [] });
  metrics.received(1);
  const [first, second] = [pipeline(), pipeline()];
  addPipeline(first.running);
  metrics.received(2);
  addPipeline(second.running);
  expect([...runningPipelines()]).toEqual([first.running, second.running]);
  metrics.received(4);
  metrics.invalid(8, { 'error.type': 'missing_name' });
  await metrics.timeWrite(() => Promise.resolve());
  removePipeline(first.running);
  metrics.received(16);
  expect(await first.value('collector.events.received')).toBe(6);
  expect(await second.value('collector.events.received')).toBe(20);
  expect(await second.value('collector.events.invalid')).toBe(8);
  expect(await first.value('collector.storage.write_duration_ms')).toMatchObject({ count: 1 });
  expect(await first.value('collector.memory.alloc_mb')).toBeGreaterThan(0);
  removePipeline(second.running);
  expect(runningPipelines().size).toBe(0);
});

it('observes on every pipeline, started before or after, until it is stopped', async () => {
  const metrics = createDefaultCollectorMetrics({ series: [] });
  const [first, second] = [pipeline(), pipeline()];
  addPipeline(first.running);
  let bytes = 5;
  const stop = metrics.observeWaiting(() => bytes);
  addPipeline(second.running);
  const values = () => Promise.all([first, second].map(({ value }) => value('collector.storage.waiting')));
  expect(await values()).toEqual([5, 5]);
  stop();
  bytes = 6;
  // The SDK goes on telling the last value.
  expect(await values()).toEqual([5, 5]);
  removePipeline(first.running);
  removePipeline(second.running);
});

it('counts on a pipeline that was started before', async () => {
  const { running, value } = pipeline();
  addPipeline(running);
  createDefaultCollectorMetrics({ series: [] }).received(3);
  expect(await value('collector.events.received')).toBe(3);
  removePipeline(running);
});

it('pipelines are known by a symbol that other bundles of swansong have, too', () => {
  expect(Reflect.get(globalThis, Symbol.for('swansong.self-metrics'))).toMatchObject({ pipelines: runningPipelines() });
});
