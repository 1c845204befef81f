import { diag, DiagLogLevel, type Meter } from '@opentelemetry/api';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { OutboxMetricReader, type OutboxMetricReaderOptions } from '../../../src/outbox/metric-reader.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(5000);
});

afterEach(() => {
  diag.disable();
  vi.useRealTimers();
});

function setUp(options: Partial<OutboxMetricReaderOptions> = {}) {
  const delivered: ResourceMetrics[] = [];
  const collections: [number, string | undefined][] = [];
  const warnings: unknown[] = [];
  const log = (): void => {};
  diag.setLogger(
    { error: log, info: log, debug: log, verbose: log, warn: (...parts: unknown[]) => void warnings.push(parts) },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const outbox = new Outbox<ResourceMetrics>({
    maxQueueSize: 100,
    maxBatchSize: 10,
    maxInFlight: 1,
    scheduleDelayMillis: 1e7,
    attemptTimeoutMillis: Infinity,
    deliver: (items) => {
      delivered.push(...items);
      return Promise.resolve({ status: 'delivered', rejected: 0, message: '' });
    },
  });
  const reader = new OutboxMetricReader({
    outbox,
    intervalMillis: 60_000,
    collectTimeoutMillis: 300,
    flushTimeoutMillis: 5000,
    onCollected: (seconds, errorType) => void collections.push([seconds, errorType]),
    ...options,
  });
  const provider = new MeterProvider({ readers: [reader] });
  return { reader, outbox, delivered, collections, warnings, provider, meter: provider.getMeter('test') };
}

/** An observable whose callback takes so long. */
function slow(meter: Meter, millis: number): void {
  meter
    .createObservableGauge('slow')
    .addCallback((result) => new Promise((resolve) => setTimeout(() => (result.observe(1), resolve()), millis)));
}

describe('OutboxMetricReader', () => {
  it('collects at each interval, until it is stopped', async () => {
    const { reader, outbox, meter } = setUp();
    meter.createCounter('count').add(1);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(outbox.counts().accepted).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(outbox.counts().accepted).toBe(1);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(outbox.counts().accepted).toBe(3);
    reader.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(outbox.counts().accepted).toBe(3);
  });

  it.each([0, 1])('does not keep the process alive (interval %i)', (intervalMillis) => {
    const timers = vi.spyOn(globalThis, 'setInterval');
    setUp({ intervalMillis });
    expect(timers.mock.calls.map(([, millis]) => millis)).toEqual([1]);
    expect(timers.mock.results.map(({ value }) => value.hasRef())).toEqual([false]);
    timers.mockRestore();
  });

  it.each(['forceFlush', 'shutdown'] as const)('%s delivers the running interval, and goes on', async (end) => {
    const { reader, delivered, meter } = setUp();
    const counter = meter.createCounter('count');
    for (let flushed = 1; flushed < 3; flushed += 1) {
      counter.add(1);
      const ended = reader[end]();
      await vi.advanceTimersByTimeAsync(100);
      await ended;
      expect(delivered).toHaveLength(flushed);
    }
  });

  it('is flushed by its provider', async () => {
    const { delivered, meter, provider } = setUp();
    meter.createCounter('count').add(1);
    const flushed = provider.forceFlush();
    await vi.advanceTimersByTimeAsync(100);
    await flushed;
    expect(delivered).toHaveLength(1);
  });

  it('ends a flush at its deadline although a callback has not ended, and delivers it later', async () => {
    const { reader, outbox, meter } = setUp({ collectTimeoutMillis: 10_000 });
    slow(meter, 5000);
    let ended = false;
    const flush = reader.flush(Deadline.after(100)).then(() => (ended = true));
    await vi.advanceTimersByTimeAsync(150);
    expect(ended).toBe(true);
    await flush;
    await vi.advanceTimersByTimeAsync(5000);
    expect(outbox.counts().accepted).toBe(1);
  });

  it('waits in a flush for the collection and for its delivery', async () => {
    const { reader, delivered, meter } = setUp({ collectTimeoutMillis: 10_000 });
    slow(meter, 50);
    const flush = reader.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(100);
    await flush;
    expect(delivered).toHaveLength(1);
  });

  it('reports how many seconds a collection took, and no error', async () => {
    const { reader, collections, warnings, meter } = setUp({ collectTimeoutMillis: 10_000 });
    slow(meter, 250);
    const flushed = reader.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(350);
    await flushed;
    expect([collections, warnings]).toEqual([[[0.25, undefined]], []]);
  });

  it('delivers what could be collected, and says what could not', async () => {
    const { reader, collections, warnings, outbox, meter } = setUp();
    const error = new Error('no reading');
    meter.createObservableGauge('broken').addCallback(() => {
      throw error;
    });
    meter.createCounter('count').add(1);
    await flushed(reader);
    expect(outbox.counts().accepted).toBe(1);
    expect(collections.map(([, type]) => type)).toEqual(['partial']);
    expect(warnings).toEqual([['a metric could not be collected', error]]);
  });

  it.each<[unknown, string]>([
    [new RangeError('broken'), 'RangeError'],
    ['broken', '_OTHER'],
  ])('reports a collection that failed (%s), and does not reject', async (error, type) => {
    const { reader, collections, warnings, outbox } = setUp();
    vi.spyOn(reader, 'collect').mockRejectedValue(error);
    await flushed(reader);
    expect(collections.map(([, errorType]) => errorType)).toEqual([type]);
    expect(warnings).toEqual([['metrics could not be collected', error]]);
    expect(outbox.counts().accepted).toBe(0);
  });

  it('puts neither an empty collection nor a last one that is not wanted into the outbox', async () => {
    const { reader, outbox, collections, meter } = setUp();
    await flushed(reader);
    const news: boolean[] = [];
    const last = async (isWanted: boolean): Promise<number> => {
      reader.collectLast({ timeoutMillis: 1000, isWanted: (hasNews) => news.push(hasNews) > 0 && isWanted });
      await vi.advanceTimersByTimeAsync(0);
      return outbox.counts().accepted;
    };
    meter.createCounter('count').add(1);
    expect([await last(false), await last(true), await last(false)]).toEqual([0, 1, 1]);
    expect(news).toEqual([true, true, false]);
    expect(collections).toHaveLength(4);
  });

  it('needs nobody who wants to know of collections', async () => {
    const { outbox } = setUp();
    const other = new OutboxMetricReader({
      outbox,
      intervalMillis: 60_000,
      collectTimeoutMillis: 300,
      flushTimeoutMillis: 5000,
    });
    new MeterProvider({ readers: [other] }).getMeter('test').createCounter('count').add(1);
    await flushed(other);
    expect(outbox.counts().accepted).toBe(1);
  });

  it('collects nothing where no provider has it', async () => {
    const { outbox, collections } = setUp();
    const reader = new OutboxMetricReader({
      outbox,
      intervalMillis: 1,
      collectTimeoutMillis: 1,
      flushTimeoutMillis: 1,
      onCollected: (seconds, errorType) => void collections.push([seconds, errorType]),
    });
    await flushed(reader);
    expect(collections).toEqual([]);
  });
});

/** Collects, and waits for the delivery. */
async function flushed(reader: OutboxMetricReader): Promise<void> {
  const flush = reader.flush(Deadline.after(60_000));
  await vi.advanceTimersByTimeAsync(100);
  await flush;
}
