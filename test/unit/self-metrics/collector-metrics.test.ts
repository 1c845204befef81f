import { type DataPoint, type Histogram, InMemoryMetricExporter } from '@opentelemetry/sdk-metrics';
import {
  AggregationTemporality,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, assert, describe, expect, it } from 'vitest';
import { type CollectorMetrics, createCollectorMetrics } from '../../../src/self-metrics/collector-metrics.ts';
import type { InvalidReason } from '../../../src/self-metrics/invalid-reason.ts';

interface Recorded {
  readonly metrics: CollectorMetrics<InvalidReason | 'too_pink'>;
  readonly collect: () => Promise<ReadonlyMap<string, MetricData>>;
}

const providers: MeterProvider[] = [];
afterEach(async () => {
  await Promise.all(providers.splice(0).map((provider) => provider.shutdown()));
});

function record(): Recorded {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 })],
  });
  providers.push(provider);
  const metrics = createCollectorMetrics(provider.getMeter('test'), { invalidReasons: ['too_pink'] });
  return {
    metrics,
    async collect() {
      exporter.reset();
      await provider.forceFlush();
      const [collection] = exporter.getMetrics();
      const data = collection?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      return new Map(data.map((metric) => [metric.descriptor.name, metric]));
    },
  };
}

function points(metric: MetricData | undefined): readonly { readonly attributes: object; readonly value: unknown }[] {
  const all: readonly DataPoint<number | Histogram | object>[] = metric?.dataPoints ?? [];
  return all.map(({ attributes, value }) => ({ attributes, value }));
}

describe('createCollectorMetrics', () => {
  it('counts the events received and those of them that are invalid, by reason', async () => {
    const { metrics, collect } = record();
    metrics.received(0, { signal: 'logs' });
    metrics.received(3, { signal: 'traces' });
    metrics.received(4, { signal: 'traces' });
    metrics.invalid(2, { 'error.type': 'invalid_trace_id', signal: 'traces' });
    metrics.invalid(1, { 'error.type': 'too_pink' });
    const collected = await collect();
    expect(points(collected.get('collector.events.received'))).toEqual([
      { attributes: { signal: 'logs' }, value: 0 },
      { attributes: { signal: 'traces' }, value: 7 },
    ]);
    expect(points(collected.get('collector.events.invalid'))).toEqual([
      { attributes: { 'error.type': 'invalid_trace_id', signal: 'traces' }, value: 2 },
      { attributes: { 'error.type': 'too_pink' }, value: 1 },
    ]);
  });

  it('records an undeclared reason as _OTHER', async () => {
    const { metrics, collect } = record();
    const invalid: unknown = Reflect.get(metrics, 'invalid');
    assert(typeof invalid === 'function');
    for (let i = 0; i < 50; i++) {
      Reflect.apply(invalid, metrics, [1, { 'error.type': `from a client ${i}`, signal: 'logs' }]);
    }
    expect(points((await collect()).get('collector.events.invalid'))).toEqual([
      { attributes: { 'error.type': '_OTHER', signal: 'logs' }, value: 50 },
    ]);
  });

  it('ignores values that are not counts', async () => {
    const { metrics, collect } = record();
    metrics.received(1);
    for (const nonsense of [Number.NaN, -1, Infinity]) {
      metrics.received(nonsense);
      metrics.invalid(nonsense, { 'error.type': 'undecodable' });
      metrics.recordWrite(nonsense);
    }
    const collected = await collect();
    expect(points(collected.get('collector.events.received'))).toEqual([{ attributes: {}, value: 1 }]);
    expect(points(collected.get('collector.events.invalid'))).toEqual([]);
    expect(points(collected.get('collector.storage.write_duration_ms'))).toEqual([]);
  });

  it('times writes, returns their result or error, and marks those that failed', async () => {
    const { metrics, collect } = record();
    expect(await metrics.timeWrite(() => Promise.resolve('written'), { signal: 'logs' })).toBe('written');
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    await expect(metrics.timeWrite(() => Promise.reject(full), { signal: 'logs' })).rejects.toBe(full);
    const thrown = new RangeError('bug');
    await expect(
      metrics.timeWrite(() => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    metrics.recordWrite(7);
    const writes = points((await collect()).get('collector.storage.write_duration_ms'));
    expect(writes.map(({ attributes }) => attributes)).toEqual([
      { signal: 'logs' },
      { signal: 'logs', 'error.type': 'ENOSPC' },
      { 'error.type': 'RangeError' },
      {},
    ]);
    expect(writes[3]?.value).toMatchObject({ count: 1, sum: 7, min: 7, max: 7 });
  });

  it('counts the requests that are refused', async () => {
    const { metrics, collect } = record();
    metrics.refused(2, { signal: 'logs', 'http.response.status_code': 429 });
    metrics.refused(Number.NaN);
    expect(points((await collect()).get('collector.requests.refused'))).toEqual([
      { attributes: { signal: 'logs', 'http.response.status_code': 429 }, value: 2 },
    ]);
  });

  it('observes the bytes that wait to be written, until it is stopped', async () => {
    const { metrics, collect } = record();
    let bytes = 7;
    const stop = metrics.observeWaiting(() => bytes, { signal: 'logs' });
    metrics.observeWaiting(() => Number.NaN, { signal: 'traces' });
    const observed = async () => points((await collect()).get('collector.storage.waiting'));
    expect(await observed()).toEqual([{ attributes: { signal: 'logs' }, value: 7 }]);
    bytes = 0;
    expect(await observed()).toEqual([{ attributes: { signal: 'logs' }, value: 0 }]);
    stop();
    bytes = 9;
    // The SDK goes on telling the last value.
    expect(await observed()).toEqual([{ attributes: { signal: 'logs' }, value: 0 }]);
  });

  it('observes resources and memory of this thread', async () => {
    const { collect } = record();
    const timer = setTimeout(() => {}, 1_000_000);
    const collected = await collect();
    clearTimeout(timer);
    const [total, ...others] = points(collected.get('collector.active_resources'));
    expect(others).toEqual([]);
    expect(total?.attributes).toEqual({});
    const byType = points(collected.get('collector.active_resources_by_type'));
    expect(byType).toContainEqual({ attributes: { 'resource.type': 'Timeout' }, value: expect.any(Number) });
    // Summed by a backend, the types are the total.
    expect(byType.reduce((sum, { value }) => sum + Number(value), 0)).toBe(total?.value);
    const { heapTotal, rss } = process.memoryUsage();
    const [heap] = points(collected.get('collector.memory.alloc_mb'));
    const [resident] = points(collected.get('collector.memory.rss_mb'));
    assert(typeof heap?.value === 'number' && typeof resident?.value === 'number');
    expect(heap.value).toBeGreaterThan(heapTotal / 1e6 / 100);
    expect(heap.value).toBeLessThan((heapTotal / 1e6) * 2);
    expect(resident.value).toBeGreaterThan(heap.value);
    expect(resident.value).toBeLessThan((rss / 1e6) * 2);
  });

  it('has the names, kinds and units that dashboards use', async () => {
    const { metrics, collect } = record();
    metrics.received(1);
    metrics.invalid(1, { 'error.type': 'missing_name' });
    metrics.recordWrite(1);
    metrics.refused(1);
    metrics.observeWaiting(() => 1);
    const collected = await collect();
    expect(
      [...collected.values()].map(({ descriptor, ...data }) => [
        descriptor.name,
        descriptor.unit,
        'isMonotonic' in data ? data.isMonotonic : undefined,
        data.dataPointType,
      ]),
    ).toEqual([
      ['collector.events.received', '{event}', true, 3],
      ['collector.events.invalid', '{event}', true, 3],
      ['collector.requests.refused', '{request}', true, 3],
      ['collector.storage.waiting', 'By', undefined, 2],
      ['collector.storage.write_duration_ms', 'ms', undefined, 0],
      ['collector.active_resources', '{resource}', undefined, 2],
      ['collector.active_resources_by_type', '{resource}', undefined, 2],
      ['collector.memory.alloc_mb', 'MBy', undefined, 2],
      ['collector.memory.rss_mb', 'MBy', undefined, 2],
    ]);
  });
});
