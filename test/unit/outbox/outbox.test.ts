import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import type { Deliver, DeliveryResult } from '../../../src/outbox/delivery.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';
import type { OutboxOptions } from '../../../src/outbox/outbox-options.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

const YES: DeliveryResult = { status: 'delivered', rejected: 0, message: '' };
const DOWN: DeliveryResult = { status: 'failed', error: new Error('connect ECONNREFUSED'), retryAfterMillis: 0 };

/** A backend that answers when the test says so. */
class ScriptedBackend {
  readonly attempts: {
    readonly items: readonly number[];
    readonly signal: AbortSignal;
    answer(result: DeliveryResult): void;
  }[] = [];
  automatic: DeliveryResult | undefined;
  readonly deliver: Deliver<number> = (items, signal) => {
    const { promise, resolve } = Promise.withResolvers<DeliveryResult>();
    this.attempts.push({ items: [...items], signal, answer: resolve });
    signal.addEventListener('abort', () =>
      resolve({ status: 'failed', error: new Error('aborted'), retryAfterMillis: 0 }),
    );
    if (this.automatic !== undefined) resolve(this.automatic);
    return promise;
  };

  get items(): readonly number[][] {
    return this.attempts.map(({ items }) => [...items]);
  }
}

function setUp(options: Partial<OutboxOptions<number>> = {}) {
  const backend = new ScriptedBackend();
  const failures: string[] = [];
  const drops: [string, number][] = [];
  const outbox = new Outbox<number>({
    maxQueueSize: 8,
    maxBatchSize: 2,
    maxInFlight: 3,
    scheduleDelayMillis: 1000,
    attemptTimeoutMillis: 10_000,
    deliver: backend.deliver,
    onFailed: (error) => failures.push(error.message),
    onDropped: (reason, count) => drops.push([reason, count]),
    ...options,
  });
  const add = (...items: number[]) => {
    for (const item of items) outbox.add(item);
  };
  return { backend, outbox, add, failures, drops };
}

describe('Outbox', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('sends a full batch in a later turn, never in the turn of the application that filled it', async () => {
    const { backend, add } = setUp();
    add(1, 2, 3);
    expect(backend.items).toEqual([]);
    await vi.advanceTimersByTimeAsync(10);
    expect(backend.items).toEqual([[1, 2]]);
  });

  it('sends a batch that is not full after the schedule delay', async () => {
    const { backend, add } = setUp();
    add(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(backend.items).toEqual([]);
    await vi.advanceTimersByTimeAsync(10);
    expect(backend.items).toEqual([[1]]);
  });

  it('has several batches in flight while the backend is slow, at most maxInFlight', async () => {
    const { backend, outbox, add } = setUp();
    add(1, 2, 3, 4, 5, 6, 7, 8);
    await vi.advanceTimersByTimeAsync(100);
    expect(backend.items).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    backend.attempts[1]?.answer(YES);
    await vi.advanceTimersByTimeAsync(100);
    expect(backend.items).toHaveLength(4);
    expect(outbox.counts()).toEqual({ accepted: 8, delivered: 2, waiting: 6, late: 0, dropped: {} });
  });

  it('keeps a failed batch and tries it again, alone, with growing pauses', async () => {
    const { backend, outbox, add, failures } = setUp();
    backend.automatic = DOWN;
    add(1, 2, 3, 4);
    await vi.advanceTimersByTimeAsync(100);
    expect(backend.items).toEqual([[1, 2]]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(backend.items).toEqual([
      [1, 2],
      [1, 2],
    ]);
    await vi.advanceTimersByTimeAsync(1900);
    expect(backend.attempts).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(backend.attempts).toHaveLength(3);
    backend.automatic = YES;
    await vi.advanceTimersByTimeAsync(5000);
    expect(outbox.counts()).toEqual({ accepted: 4, delivered: 4, waiting: 0, late: 0, dropped: {} });
    expect(failures).toHaveLength(3);
  });

  it('does not try again before the time that the backend asked for, not even in a flush', async () => {
    const { backend, outbox, add } = setUp();
    backend.automatic = { ...DOWN, retryAfterMillis: 7000 };
    add(1, 2);
    await vi.advanceTimersByTimeAsync(100);
    backend.automatic = YES;
    const flushed = outbox.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(6800);
    expect(backend.attempts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    await flushed;
    expect(backend.attempts).toHaveLength(2);
  });

  it('tries at once in a flush although it was backing off', async () => {
    const { backend, outbox, add } = setUp();
    backend.automatic = DOWN;
    add(1, 2);
    await vi.advanceTimersByTimeAsync(100);
    backend.automatic = YES;
    const flushed = outbox.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(20);
    await flushed;
    expect(outbox.counts().delivered).toBe(2);
  });

  it('drops the oldest items beyond maxQueueSize, and counts them', async () => {
    const { backend, outbox, add, drops } = setUp({ maxQueueSize: 4 });
    backend.automatic = DOWN;
    add(1, 2);
    await vi.advanceTimersByTimeAsync(10);
    add(3, 4, 5, 6, 7);
    expect(outbox.counts()).toEqual({ accepted: 7, delivered: 0, waiting: 4, late: 0, dropped: { queue_full: 3 } });
    expect(drops.every(([reason]) => reason === 'queue_full')).toBe(true);
    backend.automatic = YES;
    backend.attempts.length = 0;
    const flushed = outbox.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(60_000);
    await flushed;
    expect(backend.items.flat()).toEqual([4, 5, 6, 7]);
  });

  it('loses nothing below maxQueueSize while the backend is unreachable for long', async () => {
    const { backend, outbox, add } = setUp();
    backend.automatic = DOWN;
    add(1, 2, 3, 4, 5, 6, 7, 8);
    await vi.advanceTimersByTimeAsync(3_600_000);
    backend.automatic = YES;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(outbox.counts()).toEqual({ accepted: 8, delivered: 8, waiting: 0, late: 0, dropped: {} });
  });

  it('drops what the backend refuses, and of a partial success only what was rejected', async () => {
    const { backend, outbox, add, drops } = setUp();
    add(1, 2, 3, 4);
    await vi.advanceTimersByTimeAsync(10);
    backend.attempts[0]?.answer({ status: 'refused', error: new Error('HTTP 400') });
    backend.attempts[1]?.answer({ status: 'delivered', rejected: 1, message: 'no name' });
    await vi.advanceTimersByTimeAsync(10);
    expect(outbox.counts()).toEqual({
      accepted: 4,
      delivered: 1,
      waiting: 0,
      late: 0,
      dropped: { refused: 2, rejected: 1 },
    });
    expect(drops).toEqual([
      ['refused', 2],
      ['rejected', 1],
    ]);
  });

  it('halves a batch that is too large, and drops only the item that is too large alone', async () => {
    const tooLarge: DeliveryResult = { status: 'too_large', error: new Error('HTTP 413') };
    const sent: (readonly number[])[] = [];
    const { outbox, add } = setUp({
      maxBatchSize: 4,
      deliver: (items) => {
        sent.push([...items]);
        return Promise.resolve(items.includes(3) ? tooLarge : YES);
      },
    });
    add(1, 2, 3, 4);
    const flushed = outbox.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(100);
    await flushed;
    expect(sent.toSorted((a, b) => b.length - a.length || (a[0] ?? 0) - (b[0] ?? 0))).toEqual([
      [1, 2, 3, 4],
      [1, 2],
      [3, 4],
      [3],
      [4],
    ]);
    expect(outbox.counts()).toEqual({ accepted: 4, delivered: 3, waiting: 0, late: 0, dropped: { too_large: 1 } });
  });

  it('halves a batch whose delivery throws, and drops only the item that makes it throw alone', async () => {
    const sent: (readonly number[])[] = [];
    const { outbox, add, drops } = setUp({
      maxQueueSize: 64,
      maxBatchSize: 64,
      deliver: (items) => {
        sent.push([...items]);
        if (items.includes(33)) throw new TypeError('cannot send 33');
        return Promise.resolve(YES);
      },
    });
    add(...Array.from({ length: 64 }, (_, index) => index));
    const flushed = outbox.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(1000);
    await flushed;
    expect(outbox.counts()).toEqual({ accepted: 64, delivered: 63, waiting: 0, late: 0, dropped: { refused: 1 } });
    expect(drops).toEqual([['refused', 1]]);
    // One batch, and both halves of each of the six that held the item.
    expect(sent).toHaveLength(13);
  });

  it.each<[string, DeliveryResult, object, [string, number][]]>([
    [
      'was delivered',
      { ...YES, invalid: { items: 2, size: 2, message: 'no name' } },
      { delivered: 2, dropped: { invalid: 2 } },
      [['invalid', 2]],
    ],
    [
      'was delivered in part',
      { status: 'delivered', rejected: 9, message: '', invalid: { items: 1, size: 1, message: 'no name' } },
      { delivered: 0, dropped: { invalid: 1, rejected: 3 } },
      [
        ['invalid', 1],
        ['rejected', 3],
      ],
    ],
    [
      'was refused',
      { status: 'refused', error: new Error('HTTP 400'), invalid: { items: 1, size: 1, message: 'no name' } },
      { delivered: 0, dropped: { invalid: 1, refused: 3 } },
      [
        ['invalid', 1],
        ['refused', 3],
      ],
    ],
    [
      'was delivered without a part of an item',
      { ...YES, invalid: { items: 0, size: 7, message: 'no name' } },
      { delivered: 4, dropped: {} },
      [['invalid', 0]],
    ],
    [
      'holds nothing that can be sent',
      { status: 'invalid', error: new Error('no name') },
      { delivered: 0, dropped: { invalid: 4 } },
      [['invalid', 4]],
    ],
  ])('counts what is invalid in a batch that %s', async (_what, result, counts, expectedDrops) => {
    const { outbox, add, drops } = setUp({ maxBatchSize: 4, deliver: () => Promise.resolve(result) });
    add(1, 2, 3, 4);
    const flushed = outbox.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(100);
    await flushed;
    expect(outbox.counts()).toEqual({ accepted: 4, waiting: 0, late: 0, ...counts });
    expect(drops).toEqual(expectedDrops);
  });

  it('counts nothing as invalid while the batch waits to be sent again', async () => {
    let answers = 0;
    const invalid = { items: 1, size: 1, message: 'no name' };
    const { outbox, add } = setUp({
      deliver: () => Promise.resolve((answers += 1) < 3 ? { ...DOWN, invalid } : { ...YES, invalid }),
    });
    add(1, 2);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(outbox.counts()).toEqual({ accepted: 2, delivered: 1, waiting: 0, late: 0, dropped: { invalid: 1 } });
  });

  it('flush waits for a batch in flight, and not for what came after it', async () => {
    const { backend, outbox, add } = setUp();
    add(1, 2);
    await vi.advanceTimersByTimeAsync(10);
    let flushed = false;
    const flush = outbox.flush(Deadline.after(60_000)).then(() => (flushed = true));
    add(3);
    await vi.advanceTimersByTimeAsync(500);
    expect(flushed).toBe(false);
    backend.attempts[0]?.answer(YES);
    await flush;
    expect(outbox.counts()).toMatchObject({ delivered: 2, waiting: 1 });
  });

  it('flush ends at its deadline, with the batch still kept', async () => {
    const { backend, outbox, add } = setUp();
    add(1);
    const flush = outbox.flush(Deadline.after(300));
    await vi.advanceTimersByTimeAsync(400);
    await flush;
    expect(backend.attempts[0]?.signal.aborted).toBe(false);
    expect(outbox.counts()).toMatchObject({ delivered: 0, waiting: 1 });
  });

  it('ends an attempt that gets no answer in time', async () => {
    const { backend, add, failures } = setUp({ attemptTimeoutMillis: 50 });
    add(1, 2);
    await vi.advanceTimersByTimeAsync(100);
    expect(backend.attempts[0]?.signal.reason).toEqual(new Error('no answer within 50 ms'));
    expect(failures).toHaveLength(1);
  });

  it('after stop() nothing runs in the background, nothing is lost, and a flush still delivers', async () => {
    const { backend, outbox, add, failures } = setUp();
    add(1, 2);
    await vi.advanceTimersByTimeAsync(10);
    outbox.stop();
    add(3);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(failures).toEqual([]);
    expect(outbox.counts()).toEqual({ accepted: 3, delivered: 0, waiting: 3, late: 1, dropped: {} });
    backend.automatic = YES;
    const flushed = outbox.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(100);
    await flushed;
    expect(outbox.counts()).toMatchObject({ delivered: 3, waiting: 0 });
  });

  it('starts no attempt once it has stopped, not even one that was about to start', async () => {
    const { backend, outbox, add } = setUp();
    await outbox.flush(Deadline.after(0));
    add(1, 2);
    outbox.stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(backend.attempts).toEqual([]);
  });

  it('a flush after stop() backs off like any other while the backend is unreachable', async () => {
    const { backend, outbox, add, failures } = setUp();
    outbox.stop();
    backend.automatic = DOWN;
    add(1);
    const flushed = outbox.flush(Deadline.after(1500));
    await vi.advanceTimersByTimeAsync(1500);
    await flushed;
    expect(failures.length).toBe(backend.attempts.length);
    expect([backend.attempts.length > 0, backend.attempts.length < 5]).toEqual([true, true]);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(backend.attempts.length).toBe(failures.length);
    expect(vi.getTimerCount()).toBe(0);
    expect(outbox.counts()).toMatchObject({ delivered: 0, waiting: 1 });
  });

  it('stop() ends a flush whose deadline is later, and is no failure of the backend', async () => {
    const { backend, outbox, add, failures } = setUp();
    add(1);
    const flushed = outbox.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(10);
    expect(backend.items).toEqual([[1]]);
    outbox.stop();
    await flushed;
    expect(backend.attempts[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(backend.items).toEqual([[1]]);
    expect(failures).toEqual([]);
    expect(outbox.counts()).toMatchObject({ delivered: 0, waiting: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('survives a delivery that throws: the batch is lost and counted, the application is not touched', async () => {
    const { outbox, add } = setUp({
      deliver: () => {
        throw new Error('a bug');
      },
    });
    add(1, 2);
    await vi.advanceTimersByTimeAsync(10);
    expect(outbox.counts()).toEqual({ accepted: 2, delivered: 0, waiting: 0, late: 0, dropped: { refused: 2 } });
  });

  it('flush tells what became of what there was when it was called, and of nothing else', async () => {
    const { backend, outbox, add } = setUp({ maxQueueSize: 4 });
    // Lost and delivered before.
    add(1, 2, 3, 4, 5, 6);
    await vi.advanceTimersByTimeAsync(10);
    for (const attempt of backend.attempts) attempt.answer(YES);
    await vi.advanceTimersByTimeAsync(10);
    expect(outbox.counts()).toMatchObject({ delivered: 4, dropped: { queue_full: 2 } });
    backend.attempts.length = 0;

    add(11, 12, 13);
    const flush = outbox.flush(Deadline.after(60_000));
    const later = outbox.flush(Deadline.after(60_000));
    add(21);
    await vi.advanceTimersByTimeAsync(10);
    expect(backend.items).toEqual([[11, 12], [13]]);
    backend.attempts[0]?.answer({ status: 'delivered', rejected: 1, message: 'no name' });
    backend.attempts[1]?.answer({ status: 'refused', error: new Error('HTTP 400') });
    const outcome = { delivered: 1, undelivered: 0, dropped: { refused: 1, rejected: 1 }, error: undefined };
    expect([await flush, await later]).toEqual([outcome, outcome]);
    expect(outbox.counts().waiting).toBe(1);
  });

  it('flush tells of halves, of what has no room any more, of the last failure, and of what is left', async () => {
    const { backend, outbox, add } = setUp({ maxQueueSize: 4, maxBatchSize: 4, maxInFlight: 1 });
    add(1, 2, 3, 4);
    const flush = outbox.flush(Deadline.after(1000));
    await vi.advanceTimersByTimeAsync(10);
    backend.attempts[0]?.answer({ status: 'too_large', error: new Error('HTTP 413') });
    await vi.advanceTimersByTimeAsync(10);
    expect(backend.items.at(-1)).toEqual([1, 2]);
    backend.attempts[1]?.answer(YES);
    await vi.advanceTimersByTimeAsync(10);
    expect(backend.items.at(-1)).toEqual([3, 4]);
    backend.attempts[2]?.answer(DOWN);
    await vi.advanceTimersByTimeAsync(10);
    add(5, 6, 7);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await flush).toEqual({
      delivered: 2,
      undelivered: 1,
      dropped: { queue_full: 1 },
      error: expect.objectContaining({ message: 'connect ECONNREFUSED' }),
    });
    // Over: what comes of it now belongs to another call.
    backend.automatic = YES;
    for (const attempt of backend.attempts) attempt.answer(YES);
    const next = outbox.flush(Deadline.after(60_000));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await next).toEqual({ delivered: 4, undelivered: 0, dropped: {}, error: undefined });
  });

  it('a flush whose time is up already tells what there is', async () => {
    const { outbox, add } = setUp();
    add(1, 2, 3);
    expect(await outbox.flush(Deadline.after(0))).toMatchObject({ delivered: 0, undelivered: 3 });
  });
});
