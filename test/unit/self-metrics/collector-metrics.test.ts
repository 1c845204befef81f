import { type Attributes, diag } from '@opentelemetry/api';
import { type DataPoint, type Histogram, InMemoryMetricExporter } from '@opentelemetry/sdk-metrics';
import {
  AggregationTemporality,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, assert, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CollectorMetrics, createCollectorMetrics } from '../../../src/self-metrics/collector-metrics.ts';
import { INVALID_REASONS, type InvalidReason } from '../../../src/self-metrics/invalid-reason.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

interface Recorded {
  readonly metrics: CollectorMetrics<InvalidReason | 'too_pink'>;
  readonly collect: () => Promise<ReadonlyMap<string, MetricData>>;
}

const providers: MeterProvider[] = [];
afterEach(async () => {
  await Promise.all(providers.splice(0).map((provider) => provider.shutdown()));
});

function record(series: readonly Attributes[] = []): Recorded {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 })],
  });
  providers.push(provider);
  const metrics = createCollectorMetrics(provider.getMeter('test'), { series, invalidReasons: ['too_pink'] });
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

  const cycle: Record<string, unknown> = { signal: 'logs' };
  cycle['itself'] = cycle;
  const throwing = {
    get signal(): string {
      throw new Error('on purpose');
    },
  };

  it.each<[string, unknown, object]>([
    ['a bigint', { signal: 10n, encoding: 'json' }, { encoding: 'json' }],
    ['null', null, {}],
    ['a text', 'traces', {}],
    ['a number', 5, {}],
    ['a list', ['traces'], {}],
    ['a cycle', cycle, { signal: 'logs' }],
    ['a symbol', { signal: Symbol('x') }, {}],
    ['a function', { signal: () => 'x' }, {}],
    ['null in it', { signal: null }, {}],
    ['an object in it', { signal: { a: 1 } }, {}],
    ['a list of two types', { signal: ['a', 1], encoding: ['a', null] }, { encoding: ['a', null] }],
    ['a getter that throws', throwing, {}],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('on purpose');
          },
        },
      ),
      {},
    ],
    ['no prototype', Object.assign(Object.create(null), { signal: 'logs' }), { signal: 'logs' }],
  ])(
    'attributes that are %s: nothing throws, and the event counts without what it cannot have',
    async (_what, given, kept) => {
      const { metrics, collect } = record();
      const call = (name: keyof CollectorMetrics, ...parameters: readonly unknown[]): unknown => {
        const method: unknown = Reflect.get(metrics, name);
        assert(typeof method === 'function');
        return Reflect.apply(method, metrics, parameters);
      };
      call('received', 1, given);
      call('invalid', 1, given);
      call('refused', 1, given);
      call('recordWrite', 1, given);
      call('observeWaiting', () => 1, given);
      await call('timeWrite', () => Promise.resolve(), given);
      const failure = new RangeError('of the write');
      await expect(call('timeWrite', () => Promise.reject(failure), given)).rejects.toBe(failure);
      const collected = await collect();
      const attributesOf = (name: string): unknown => points(collected.get(name)).map(({ attributes }) => attributes);
      expect(attributesOf('collector.events.received')).toEqual([kept]);
      expect(attributesOf('collector.events.invalid')).toEqual([{ ...kept, 'error.type': '_OTHER' }]);
      expect(attributesOf('collector.requests.refused')).toEqual([kept]);
      expect(attributesOf('collector.storage.waiting')).toEqual([kept]);
      expect(attributesOf('collector.storage.write_duration_ms')).toEqual([
        kept,
        { ...kept, 'error.type': 'RangeError' },
      ]);
    },
  );

  it('events without attributes, and with a reason that is no text, are of another reason', async () => {
    const { metrics, collect } = record();
    const invalid: unknown = Reflect.get(metrics, 'invalid');
    assert(typeof invalid === 'function');
    for (const attributes of [undefined, {}, { 'error.type': 10n }, { 'error.type': ['undecodable'] }]) {
      Reflect.apply(invalid, metrics, [1, attributes]);
    }
    expect(points((await collect()).get('collector.events.invalid'))).toEqual([
      { attributes: { 'error.type': '_OTHER' }, value: 4 },
    ]);
  });

  it.each([10n, Symbol('x'), null, 'one', {}, undefined])('a count that is none: %s', async (count) => {
    const { metrics, collect } = record();
    for (const name of ['received', 'invalid', 'refused', 'recordWrite'] as const) {
      const method: unknown = Reflect.get(metrics, name);
      assert(typeof method === 'function');
      Reflect.apply(method, metrics, [count, { 'error.type': 'undecodable' }]);
    }
    const collected = await collect();
    for (const name of ['collector.events.received', 'collector.events.invalid', 'collector.requests.refused']) {
      expect(points(collected.get(name))).toEqual([]);
    }
  });

  describe('before the first event', () => {
    const namesOf = (collected: ReadonlyMap<string, MetricData>): readonly string[] => [...collected.keys()];

    it('the counters are at 0 without attributes, for every reason: a dashboard has data', async () => {
      const { collect } = record([{}]);
      const collected = await collect();
      expect(points(collected.get('collector.events.received'))).toEqual([{ attributes: {}, value: 0 }]);
      expect(points(collected.get('collector.events.invalid'))).toEqual(
        [...INVALID_REASONS, 'too_pink'].map((reason) => ({ attributes: { 'error.type': reason }, value: 0 })),
      );
      // A histogram at 0 would be a write that never was. The gauges are observed.
      expect(namesOf(collected)).toEqual([
        'collector.events.received',
        'collector.events.invalid',
        'collector.active_resources',
        'collector.active_resources_by_type',
        'collector.memory.alloc_mb',
        'collector.memory.rss_mb',
      ]);
    });

    it('with the attributes that the program declares, for the reasons that their signal can have', async () => {
      const { metrics, collect } = record([{ signal: 'logs', tenant: 'a' }, { signal: 'mine' }]);
      metrics.received(2, { signal: 'mine' });
      const collected = await collect();
      expect(points(collected.get('collector.events.received'))).toEqual([
        { attributes: { signal: 'logs', tenant: 'a' }, value: 0 },
        { attributes: { signal: 'mine' }, value: 2 },
      ]);
      const invalid = points(collected.get('collector.events.invalid'));
      const ofLogs = invalid.filter(({ attributes }) => 'tenant' in attributes);
      expect(ofLogs.map(({ attributes }) => Reflect.get(attributes, 'error.type'))).toEqual([
        'invalid_severity',
        'too_large',
        'undecodable',
        'depth_exceeded',
        'too_pink',
        '_OTHER',
      ]);
      expect(invalid.length - ofLogs.length).toBe(INVALID_REASONS.length + 1);
    });

    it('without options they are there', async () => {
      const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
      const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
      providers.push(provider);
      createCollectorMetrics(provider.getMeter('test'));
      await provider.forceFlush();
      const [collection] = exporter.getMetrics();
      const data = collection?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      expect(points(data.find(({ descriptor }) => descriptor.name === 'collector.events.received'))).toEqual([
        { attributes: {}, value: 0 },
      ]);
    });
  });

  it.each([
    ['{"sereis":[]}', 'sereis: expected one of the options series, invalidReasons'],
    ['{"series":{}}', 'series: expected a list of attributes (got {})'],
    ['{"series":[1]}', 'series: expected a list of attributes (got [ 1 ])'],
    ['{"invalidReasons":"x"}', "invalidReasons: expected a list of texts (got 'x')"],
    ['{"invalidReasons":[1]}', 'invalidReasons: expected a list of texts (got [ 1 ])'],
    ['null', 'options: expected an object (got null)'],
  ])('options %s are refused', (options, message) => {
    const provider = new MeterProvider();
    providers.push(provider);
    expect(() => createCollectorMetrics(provider.getMeter('test'), JSON.parse(options))).toThrow(
      new TypeError(`${message}; nothing was created`),
    );
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

  it('times a write that failed like one that did not', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { metrics, collect } = record();
    const taking = (millis: number, outcome: () => Promise<void>) => () => {
      vi.advanceTimersByTime(millis);
      return outcome();
    };
    vi.advanceTimersByTime(100_000);
    await metrics.timeWrite(taking(40, () => Promise.resolve()));
    const failing = metrics.timeWrite(taking(250, () => Promise.reject(new RangeError('full'))));
    await expect(failing).rejects.toThrow('full');
    const writes = points((await collect()).get('collector.storage.write_duration_ms'));
    expect(writes).toMatchObject([
      { attributes: {}, value: { count: 1, sum: 40 } },
      { attributes: { 'error.type': 'RangeError' }, value: { count: 1, sum: 250 } },
    ]);
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

  it('has its memory in millions of bytes, and buckets from a tenth of a millisecond to ten seconds', async () => {
    const { metrics, collect } = record();
    vi.spyOn(process, 'memoryUsage').mockReturnValue({
      heapUsed: 5e6,
      rss: 7.5e6,
      heapTotal: 6e6,
      external: 0,
      arrayBuffers: 0,
    });
    onTestFinished(() => void vi.restoreAllMocks());
    metrics.recordWrite(3);
    const collected = await collect();
    expect(points(collected.get('collector.memory.alloc_mb'))).toEqual([{ attributes: {}, value: 5 }]);
    expect(points(collected.get('collector.memory.rss_mb'))).toEqual([{ attributes: {}, value: 7.5 }]);
    expect(points(collected.get('collector.storage.write_duration_ms'))).toMatchObject([
      {
        value: {
          buckets: { boundaries: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000] },
        },
      },
    ]);
  });

  it('refuses a list of which one is not what it should be', () => {
    const meter = new MeterProvider().getMeter('test');
    const create = (options: object) => (): unknown =>
      Reflect.apply(createCollectorMetrics, undefined, [meter, options]);
    expect(create({ series: [{ signal: 'logs' }, 5] })).toThrow('series: expected');
    expect(create({ invalidReasons: ['too_pink', 5] })).toThrow('invalidReasons: expected');
  });

  it('declares for each signal the reasons that its items can have', async () => {
    const reasonsOf = async (signal: string): Promise<readonly unknown[]> => {
      const { collect } = record([{ signal }]);
      return points((await collect()).get('collector.events.invalid')).map(({ attributes }) =>
        Reflect.get(attributes, 'error.type'),
      );
    };
    const [traces, metrics, logs] = await Promise.all(['traces', 'metrics', 'logs'].map(reasonsOf));
    expect([traces?.includes('invalid_trace_id'), traces?.includes('bucket_mismatch')]).toEqual([true, false]);
    expect([metrics?.includes('bucket_mismatch'), metrics?.includes('invalid_trace_id')]).toEqual([true, false]);
    expect([logs?.includes('invalid_severity'), logs?.includes('missing_name')]).toEqual([true, false]);
    for (const reasons of [traces, metrics, logs]) expect(reasons?.slice(-2)).toEqual(['too_pink', '_OTHER']);
  });

  it('says of each metric what it is, and where bad attributes of a series stand', async () => {
    const warnings: unknown[] = [];
    const log = (): void => {};
    diag.setLogger({ error: log, info: log, debug: log, verbose: log, warn: (text) => void warnings.push(text) });
    onTestFinished(() => diag.disable());
    const { metrics, collect } = record([Object.assign({ signal: 'logs' }, { bad: null })]);
    warnings.length = 0;
    createCollectorMetrics(new MeterProvider().getMeter('test'), { series: [Object.assign({}, { bad: null })] });
    expect(warnings).toEqual([expect.stringMatching(/^series: bad: expected/)]);
    metrics.refused(1);
    metrics.recordWrite(1);
    metrics.observeWaiting(() => 1);
    for (const { descriptor } of (await collect()).values())
      expect([descriptor.name, descriptor.description]).not.toContain('');
  });

  it('shows one level of options that are none', () => {
    const meter = new MeterProvider().getMeter('test');
    const create = (options: object) => (): unknown =>
      Reflect.apply(createCollectorMetrics, undefined, [meter, options]);
    expect(create({ series: { a: { b: 1 } } })).toThrow(
      'series: expected a list of attributes (got { a: [Object] }); nothing was created',
    );
    expect(create({ invalidReasons: { a: { b: 1 } } })).toThrow(
      'invalidReasons: expected a list of texts (got { a: [Object] }); nothing was created',
    );
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
