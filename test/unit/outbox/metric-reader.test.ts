import { readFile } from 'node:fs';
import { diag, DiagLogLevel, type Meter } from '@opentelemetry/api';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { OutboxMetricReader, type OutboxMetricReaderOptions } from '../../../src/outbox/metric-reader.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';
import { waitFor } from '../../support/wait-for.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(5000);
});

afterEach(() => {
  diag.disable();
  vi.useRealTimers();
});

function setUp(options: Partial<OutboxMetricReaderOptions> = {}, maxBatchSize = 10) {
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
    maxBatchSize,
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

  it('delivers each collection at once', async () => {
    const { delivered, meter } = setUp({}, 1);
    meter.createCounter('count').add(1);
    await vi.advanceTimersByTimeAsync(60_010);
    expect(delivered).toHaveLength(1);
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
    const flush = reader.flush(Deadline.after(100));
    await vi.advanceTimersByTimeAsync(150);
    expect(await flush).toMatchObject({ delivered: 0, undelivered: 1 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(outbox.counts().accepted).toBe(1);
  });

  it('waits in a flush for the collection and for its delivery', async () => {
    const { reader, delivered, meter } = setUp({ collectTimeoutMillis: 10_000 });
    slow(meter, 50);
    const flush = reader.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(100);
    expect(await flush).toMatchObject({ delivered: 1, undelivered: 0 });
    expect(delivered).toHaveLength(1);
  });

  it('reports how many seconds a collection took, and no error', async () => {
    const { collections, warnings, meter } = setUp({ collectTimeoutMillis: 10_000 });
    slow(meter, 250);
    await vi.advanceTimersByTimeAsync(61_000);
    expect([collections, warnings]).toEqual([[[0.25, undefined]], []]);
  });

  it('delivers what could be collected, and says what could not', async () => {
    const { collections, warnings, outbox, meter } = setUp();
    const error = new Error('no reading');
    meter.createObservableGauge('broken').addCallback(() => {
      throw error;
    });
    meter.createCounter('count').add(1);
    await vi.advanceTimersByTimeAsync(60_000);
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
    await vi.advanceTimersByTimeAsync(60_000);
    expect(collections.map(([, errorType]) => errorType)).toEqual([type]);
    expect(warnings).toEqual([['metrics could not be collected', error]]);
    expect(outbox.counts().accepted).toBe(0);
  });

  it('puts no empty collection into the outbox', async () => {
    const { outbox, collections } = setUp();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([outbox.counts().accepted, collections.length]).toEqual([0, 1]);
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
    await vi.advanceTimersByTimeAsync(60_000);
    expect(outbox.counts().accepted).toBe(1);
  });

  it('collects nothing where no provider has it', async () => {
    const { outbox } = setUp();
    let collections = 0;
    const reader = new OutboxMetricReader({
      outbox,
      intervalMillis: 1,
      collectTimeoutMillis: 1,
      flushTimeoutMillis: 1,
      onCollected: () => (collections += 1),
    });
    const flush = reader.flush(Deadline.after(1000));
    await vi.advanceTimersByTimeAsync(1000);
    await flush;
    expect(collections).toBe(0);
  });
});

describe('the last collection', () => {
  const always = { timeoutMillis: 1000, isWanted: () => true };
  const ticks = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

  it('is in the outbox before the event loop turns, and waits there for the exit', async () => {
    const { reader, outbox, meter, delivered } = setUp({}, 1);
    meter.createCounter('count').add(1);
    reader.collectLast(always);
    for (let tick = 0; tick < 20; tick += 1) await ticks();
    expect(outbox.counts().accepted).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(delivered).toEqual([]);
  });

  it('is asked for with what is new, and left where it is not wanted', async () => {
    const { reader, outbox, meter } = setUp();
    const news: boolean[] = [];
    const ask = async (isWanted: boolean): Promise<void> => {
      reader.collectLast({
        timeoutMillis: 1000,
        isWanted: (hasNews) => {
          news.push(hasNews);
          return isWanted;
        },
      });
      for (let tick = 0; tick < 20; tick += 1) await ticks();
    };
    const counter = meter.createCounter('count');
    counter.add(1);
    await ask(false);
    await ask(true);
    await ask(true);
    counter.add(1);
    await ask(true);
    expect([news, outbox.counts().accepted]).toEqual([[true, true, false, true], 3]);
  });

  it('is the last one if a callback starts something, and waits for it', async () => {
    const { reader, outbox, meter } = setUp();
    slow(meter, 500);
    reader.collectLast(always);
    for (let tick = 0; tick < 20; tick += 1) await ticks();
    expect(outbox.counts().accepted).toBe(0);
    reader.collectLast(always);
    await vi.advanceTimersByTimeAsync(600);
    expect(outbox.counts().accepted).toBe(1);
    reader.collectLast(always);
    await vi.advanceTimersByTimeAsync(600);
    expect(outbox.counts().accepted).toBe(1);
  });

  it('is the last one if a callback has not answered by itself, although it has started nothing', async () => {
    const { reader, outbox, meter } = setUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    meter.createObservableGauge('waiting').addCallback(async (result) => {
      await promise;
      result.observe(1);
    });
    reader.collectLast(always);
    for (let tick = 0; tick < 20; tick += 1) await ticks();
    resolve();
    for (let tick = 0; tick < 20; tick += 1) await ticks();
    expect(outbox.counts().accepted).toBe(1);
    reader.collectLast(always);
    for (let tick = 0; tick < 20; tick += 1) await ticks();
    expect(outbox.counts().accepted).toBe(1);
  });

  it('goes without a callback that takes too long', async () => {
    const { reader, outbox, collections, meter } = setUp();
    slow(meter, 50_000);
    meter.createCounter('count').add(1);
    reader.collectLast(always);
    await vi.advanceTimersByTimeAsync(1100);
    expect(outbox.counts().accepted).toBe(1);
    expect(collections.map(([, type]) => type)).toEqual(['partial']);
  });

  it('lets the process end although a callback has started something', async () => {
    vi.useRealTimers();
    const { reader, outbox, meter } = setUp();
    let timer: NodeJS.Timeout | undefined;
    meter.createObservableGauge('polling').addCallback((result) => {
      timer ??= setTimeout(() => {}, 3_600_000);
      result.observe(1);
    });
    reader.collectLast(always);
    await waitFor(() => timer !== undefined && !timer.hasRef(), 'the timer to be released');
    expect(outbox.counts().accepted).toBe(1);
    // So it is no reason for another `beforeExit`, and one that the application causes is collected.
    reader.collectLast(always);
    await waitFor(() => outbox.counts().accepted === 2, 'the second collection');
    clearTimeout(timer);
  });

  it('is the last one where a callback has started what cannot be unreferenced', async () => {
    vi.useRealTimers();
    const { reader, outbox, meter } = setUp();
    meter.createObservableGauge('reading').addCallback((result) => {
      readFile(import.meta.filename, () => {});
      result.observe(1);
    });
    reader.collectLast(always);
    await waitFor(() => outbox.counts().accepted === 1, 'the collection');
    reader.collectLast(always);
    await new Promise(setImmediate);
    expect(outbox.counts().accepted).toBe(1);
  });
});
