import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import type { DeliveryResult } from '../../../src/outbox/delivery.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';
import type { OutboxOptions } from '../../../src/outbox/outbox-options.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

const YES: DeliveryResult = { status: 'delivered', rejected: 0, message: '' };
const DOWN: DeliveryResult = { status: 'failed', error: new Error('connect ECONNREFUSED'), retryAfterMillis: 0 };

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** What is sent is answered by what stands in `answers`, then by `otherwise`; undefined: never. */
function setUp(options: Partial<OutboxOptions<number>> = {}) {
  const sent: number[][] = [];
  const drops: [string, number, string][] = [];
  const backend: { answers: (DeliveryResult | undefined)[]; otherwise: DeliveryResult | undefined } = {
    answers: [],
    otherwise: YES,
  };
  const outbox = new Outbox<number>({
    maxQueueSize: 100,
    maxBatchSize: 2,
    maxInFlight: 3,
    scheduleDelayMillis: 1000,
    attemptTimeoutMillis: 10_000,
    deliver: (items) => {
      sent.push([...items]);
      const answer = backend.answers.length > 0 ? backend.answers.shift() : backend.otherwise;
      return answer === undefined ? new Promise(() => {}) : Promise.resolve(answer);
    },
    onDropped: (reason, count, message) => void drops.push([reason, count, message]),
    ...options,
  });
  const add = (...items: number[]): void => {
    for (const item of items) outbox.add(item);
  };
  return { backend, outbox, add, sent, drops };
}

describe('the timers of an outbox', () => {
  it('are one for all items that wait for the schedule, none once their batch is full', () => {
    const { add } = setUp({ maxBatchSize: 3 });
    add(1);
    add(2);
    expect(vi.getTimerCount()).toBe(1);
    add(3);
    // That of the next turn.
    expect(vi.getTimerCount()).toBe(1);
  });

  it('are gone when everything has been delivered', async () => {
    const { add, outbox } = setUp();
    add(1, 2);
    await vi.advanceTimersByTimeAsync(50);
    expect([outbox.counts().delivered, vi.getTimerCount()]).toEqual([2, 0]);
  });

  it('are one during a back-off, however many batches become full', async () => {
    const { add, backend } = setUp();
    backend.otherwise = DOWN;
    for (let batch = 0; batch < 5; batch += 1) {
      add(1, 2);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(vi.getTimerCount()).toBe(1);
  });

  it('are all gone after stop(), whatever they wait for', async () => {
    const scheduled = setUp();
    scheduled.add(1);
    scheduled.outbox.stop();
    expect(vi.getTimerCount()).toBe(0);
    const full = setUp();
    full.add(1, 2);
    full.outbox.stop();
    expect(vi.getTimerCount()).toBe(0);
    const failing = setUp();
    failing.backend.otherwise = DOWN;
    failing.add(1, 2);
    await vi.advanceTimersByTimeAsync(50);
    failing.outbox.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('do not keep the process alive', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const { add, backend } = setUp();
    backend.answers = [YES, DOWN];
    add(1, 2);
    await vi.advanceTimersByTimeAsync(50);
    add(3);
    await vi.advanceTimersByTimeAsync(1050);
    const kept = timers.mock.results.filter(({ value }) => value.hasRef());
    expect([timers.mock.results.length > 4, kept]).toEqual([true, []]);
  });

  it('are none for an attempt without a limit', async () => {
    const { add, backend, outbox } = setUp({ attemptTimeoutMillis: Infinity });
    backend.otherwise = undefined;
    add(1, 2);
    await vi.advanceTimersByTimeAsync(50);
    expect([outbox.figures().inFlight, vi.getTimerCount()]).toEqual([2, 0]);
  });
});

describe('the end of an outbox', () => {
  it('takes out what is in flight, what is full and what is not, in this order, and ignores late answers', async () => {
    let answer = (_result: DeliveryResult): void => {};
    const { outbox, add } = setUp({
      maxInFlight: 1,
      deliver: () => new Promise((resolve) => (answer = resolve)),
    });
    add(1, 2);
    await vi.advanceTimersByTimeAsync(50);
    add(3, 4, 5);
    expect(outbox.takeOut()).toEqual([[1, 2], [3, 4], [5]]);
    expect([outbox.takeOut(), outbox.counts().waiting]).toEqual([[], 0]);
    answer(YES);
    await vi.advanceTimersByTimeAsync(50);
    expect(outbox.counts()).toMatchObject({ delivered: 0, waiting: 0 });
    add(6);
    expect(outbox.takeOut()).toEqual([[6]]);
  });

  it('keeps more than it may once the bound is lifted, and counts nothing as late', () => {
    const late: number[] = [];
    const { outbox, add, drops } = setUp({ maxQueueSize: 2, onAddedAfterStop: (item) => void late.push(item) });
    outbox.stop();
    add(1);
    expect([late, outbox.counts().late]).toEqual([[1], 1]);
    outbox.liftBound();
    add(2, 3, 4);
    expect([late, outbox.counts().late, outbox.counts().waiting, drops]).toEqual([[1], 1, 4, []]);
  });
});

describe('a bound on what waits', () => {
  it('holds for a batch that is not full, and says what it is', () => {
    const { outbox, add, drops } = setUp({ maxQueueSize: 2, maxBatchSize: 10 });
    add(1, 2, 3);
    expect(drops).toEqual([['queue_full', 1, 'more than 2 were waiting']]);
    expect(outbox.takeOut()).toEqual([[2, 3]]);
  });

  it('drops the batch that comes back from an attempt that failed', async () => {
    let answer = (_result: DeliveryResult): void => {};
    const { outbox, add } = setUp({
      maxQueueSize: 3,
      maxInFlight: 1,
      deliver: () => new Promise((resolve) => (answer = resolve)),
    });
    add(1, 2);
    await vi.advanceTimersByTimeAsync(50);
    add(3, 4);
    answer(DOWN);
    await vi.advanceTimersByTimeAsync(50);
    expect(outbox.counts()).toMatchObject({ waiting: 3, dropped: { queue_full: 1 } });
    expect(outbox.takeOut()).toEqual([[2], [3, 4]]);
  });

  it('tells items that were never tried from those that were', async () => {
    const { outbox, add, backend } = setUp({ maxQueueSize: 2 });
    add(1, 2, 3);
    expect(outbox.figures()).toMatchObject({ tried: 0, droppedUntried: 1 });
    backend.otherwise = DOWN;
    add(4);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(outbox.figures()).toMatchObject({ tried: 2, droppedUntried: 2, dropped: { queue_full: 2 } });
    add(5, 6);
    expect(outbox.figures()).toMatchObject({ tried: 2, droppedUntried: 2, dropped: { queue_full: 4 } });
  });
});

describe('what a backend answers', () => {
  it.each<[string, DeliveryResult, number]>([
    ['was delivered', YES, 2],
    ['was refused', { status: 'refused', error: new Error('HTTP 400') }, 2],
    ['was never sent', { status: 'invalid', error: new Error('no name') }, 1],
    ['made the delivery throw', { status: 'threw', error: new Error('a bug') }, 1],
  ])('lets one more in flight after a failure if the next %s', async (_what, answer, inFlight) => {
    const { outbox, add, backend } = setUp({ maxInFlight: 8, maxBatchSize: 1 });
    backend.answers = [DOWN, answer];
    backend.otherwise = undefined;
    add(1);
    // Alone, so that it is the only one that fails.
    await vi.advanceTimersByTimeAsync(50);
    add(...Array.from({ length: 20 }, (_, index) => index));
    await vi.advanceTimersByTimeAsync(5000);
    expect(outbox.figures().inFlight).toBe(inFlight);
  });

  it('says so when it took a batch, and drops what it rejected although it does not say why', async () => {
    let delivered = 0;
    const { outbox, add, backend, drops } = setUp({ onDelivered: () => (delivered += 1) });
    backend.answers = [{ status: 'delivered', rejected: 1, message: '' }];
    add(1, 2, 3, 4);
    await vi.advanceTimersByTimeAsync(50);
    expect([delivered, outbox.counts().delivered, drops]).toEqual([2, 3, [['rejected', 1, '']]]);
  });

  it('reports a warning without a loss', async () => {
    const { add, backend, drops } = setUp();
    backend.answers = [{ status: 'delivered', rejected: 0, message: 'use another endpoint' }];
    add(1, 2);
    await vi.advanceTimersByTimeAsync(50);
    expect(drops).toEqual([['rejected', 0, 'use another endpoint']]);
  });

  it('is not asked before its time by a flush whose deadline has passed', async () => {
    const { outbox, add, backend, sent } = setUp();
    backend.otherwise = DOWN;
    add(1, 2);
    await vi.advanceTimersByTimeAsync(50);
    await outbox.flush(Deadline.after(0));
    await vi.advanceTimersByTimeAsync(500);
    expect(sent).toHaveLength(1);
  });

  it('is not asked by an item that may wait, but by the next one', async () => {
    const { outbox, sent } = setUp({ maxBatchSize: 1 });
    outbox.add(1, { atOnce: false });
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toEqual([]);
    outbox.add(2);
    await vi.advanceTimersByTimeAsync(50);
    expect(sent).toEqual([[1], [2]]);
  });

  it('is not heard of where the delivery throws something that is no error', async () => {
    const { add, drops } = setUp({
      maxBatchSize: 1,
      deliver: () => Promise.reject(undefined),
    });
    add(1);
    await vi.advanceTimersByTimeAsync(50);
    expect(drops).toEqual([['refused', 1, 'delivery threw']]);
  });
});
