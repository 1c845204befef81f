import { AsyncLocalStorage } from 'node:async_hooks';
import { clearTimeout, monotonicMillis, setTimeout } from '../clock/clock.ts';
import type { Deadline } from '../deadline/deadline.ts';
import { Attempt } from './attempt.ts';
import { Batch } from './batch.ts';
import {
  type DeliveryResult,
  deliverSafely,
  type DropReason,
  type OutboxCounts,
  type OutboxFigures,
} from './delivery.ts';
import { Backoff } from './backoff.ts';
import { type FlushOutcome, FlushTally } from './flush-outcome.ts';
import { OutboxCounters } from './outbox-counters.ts';
import type { OutboxOptions } from './outbox-options.ts';

/** Abort reason of attempts that `stop()` ends: they are not failures of the backend. */
const STOPPED = new Error('stopped');

/**
 * The queue of telemetry that the backend has not acknowledged yet. An item leaves it when the backend has acknowledged it, or
 * when it is dropped and counted under a reason. A batch whose delivery failed is put back and sent again, unless the queue is
 * full and it is the oldest.
 *
 * Timers and sockets are unreferenced and do not keep the process alive; only the deadline of a flush does.
 */
export class Outbox<T> {
  readonly #options: OutboxOptions<T>;
  #maxQueueSize: number;
  #ending = false;
  /** Timers and sockets must not inherit the async context of the request during which they are created. */
  readonly #outsideRequests = AsyncLocalStorage.snapshot();
  #open = new Batch<T>();
  /** Closed batches, oldest first. */
  readonly #ready: Batch<T>[] = [];
  readonly #inFlight = new Map<Batch<T>, Attempt>();
  #waiting = 0;
  readonly #counters = new OutboxCounters();
  readonly #backoff: Backoff;
  #scheduled: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #pumping: NodeJS.Timeout | undefined;
  /** One function per running flush: resolves it. */
  readonly #flushes = new Set<() => void>();
  #stopped = false;

  constructor(options: OutboxOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff(options.maxInFlight);
    this.#maxQueueSize = options.maxQueueSize;
  }

  /** @param atOnce false: a batch that is full now waits for the next one, for a flush, or for the exit */
  add(item: T, { atOnce = true }: { readonly atOnce?: boolean } = {}): void {
    this.#counters.accepted += 1;
    this.#waiting += 1;
    this.#open.items.push(item);
    if (this.#stopped && !this.#ending) {
      this.#counters.late += 1;
      this.#options.onAddedAfterStop?.(item);
    }
    this.#dropOldest();
    if (this.#open.items.length >= this.#options.maxBatchSize) {
      this.#closeOpen();
      if (atOnce) this.#wake();
    } else if (this.#scheduled === undefined && !this.#stopped) {
      this.#scheduled = this.#outsideRequests(() =>
        setTimeout(() => this.#onSchedule(), this.#options.scheduleDelayMillis),
      );
      this.#scheduled.unref();
    }
  }

  counts(): OutboxCounts {
    return this.#counters.counts(this.#waiting + this.#countInFlight());
  }

  figures(): OutboxFigures {
    const { tried, droppedUntried } = this.#counters;
    const { maxQueueSize } = this.#options;
    return { ...this.counts(), inFlight: this.#countInFlight(), maxQueueSize, tried, droppedUntried };
  }

  /** For the exit: live spans that are ended now must not displace waiting items. `LiveSpans` has a limit of its own. */
  liftBound(): void {
    this.#ending = true;
    this.#maxQueueSize = Infinity;
  }

  /**
   * Removes and returns, in batches, everything that is not acknowledged yet, in flight or waiting. The caller delivers it;
   * results of attempts that are still running are ignored.
   */
  takeOut(): readonly (readonly T[])[] {
    const batches = [...this.#inFlight.keys(), ...this.#ready.splice(0), this.#open];
    this.#inFlight.clear();
    this.#open = new Batch();
    this.#waiting = 0;
    return batches.map(({ items }) => items).filter((items) => items.length > 0);
  }

  /**
   * Resolves when everything that is in the outbox now has been acknowledged or dropped, when the deadline has passed, or at
   * `stop()`: `shutdown()` stops only after it has flushed the same items, and a pending flush would keep the process alive.
   * Sends at once even during a back-off, but not before the time that the backend asked for (`Retry-After`).
   * @returns what became of those items
   */
  async flush(deadline: Deadline): Promise<FlushOutcome> {
    this.#closeOpen();
    const batches = [...this.#inFlight.keys(), ...this.#ready];
    const tally = new FlushTally();
    for (const batch of batches) {
      tally.expect(batch.items.length);
      batch.tallies.add(tally);
    }
    if (batches.length > 0 && !deadline.expired) await this.#untilSettled(batches, deadline);
    for (const batch of batches) batch.tallies.delete(tally);
    return tally.outcome();
  }

  async #untilSettled(batches: readonly Batch<T>[], deadline: Deadline): Promise<void> {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#flushes.add(end);
    this.#backoff.cancelPause();
    this.#wake();
    try {
      await deadline.race(Promise.race([ended, Promise.all(batches.map((batch) => batch.settled))]));
    } finally {
      this.#flushes.delete(end);
    }
  }

  /**
   * Ends what runs in the background: timers, back-off, attempts in flight (their batches are put back). The outbox stays
   * open: items that are added from now on wait for a flush.
   */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#scheduled);
    clearTimeout(this.#retry);
    clearTimeout(this.#pumping);
    this.#scheduled = undefined;
    this.#retry = undefined;
    this.#pumping = undefined;
    for (const attempt of this.#inFlight.values()) attempt.abort(STOPPED);
    for (const end of this.#flushes) end();
    this.#flushes.clear();
  }

  #onSchedule(): void {
    this.#scheduled = undefined;
    this.#closeOpen();
    this.#wake();
  }

  #closeOpen(): void {
    if (this.#open.items.length === 0) return;
    clearTimeout(this.#scheduled);
    this.#scheduled = undefined;
    this.#ready.push(this.#open);
    this.#open = new Batch();
  }

  /**
   * Serialising a batch takes milliseconds: so one batch per turn of the event loop, and not in the application's call stack.
   * A timer, since an unreferenced immediate does not wake a loop that sleeps in its poll phase.
   */
  #wake(): void {
    if (this.#pumping !== undefined || (this.#stopped && this.#flushes.size === 0)) return;
    this.#pumping = this.#outsideRequests(() => setTimeout(() => this.#pump(), 0));
    this.#pumping.unref();
  }

  #pump(): void {
    this.#pumping = undefined;
    if (this.#inFlight.size >= this.#backoff.maxInFlight) return;
    const batch = this.#ready[0];
    if (batch === undefined) return;
    const { pauseMillis } = this.#backoff;
    if (pauseMillis > 0) {
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#wake(), pauseMillis);
      this.#retry.unref();
      return;
    }
    this.#ready.shift();
    void this.#attempt(batch);
    this.#wake();
  }

  async #attempt(batch: Batch<T>): Promise<void> {
    const attempt = new Attempt(this.#options.attemptTimeoutMillis);
    const startedAt = monotonicMillis();
    this.#waiting -= batch.items.length;
    if (!batch.wasTried) this.#counters.tried += batch.items.length;
    batch.wasTried = true;
    this.#inFlight.set(batch, attempt);
    const result = await deliverSafely(this.#options.deliver, batch.items, attempt.signal);
    attempt.end();
    // `takeOut` was called meanwhile.
    if (!this.#inFlight.delete(batch)) return;
    if (attempt.signal.reason === STOPPED && result.status === 'failed') this.#putBack(batch);
    else this.#conclude(batch, result, startedAt);
    this.#wake();
  }

  #conclude(batch: Batch<T>, result: DeliveryResult, startedAt: number): void {
    if (result.status === 'failed') {
      this.#putBack(batch);
      this.#backoff.failed(startedAt, result.retryAfterMillis);
      for (const tally of batch.tallies) tally.failed(result.error);
      this.#options.onFailed?.(result.error);
      return;
    }
    if (result.status !== 'invalid' && result.status !== 'threw') this.#backoff.answered();
    const isHalved = result.status === 'too_large' || result.status === 'threw';
    if (isHalved && batch.items.length > 1) {
      this.#waiting += batch.items.length;
      this.#ready.unshift(...batch.halve());
      return;
    }
    const { invalid } = result;
    if (invalid !== undefined) this.#drop(batch, 'invalid', invalid.items, invalid.message);
    const sent = batch.items.length - (invalid?.items ?? 0);
    if (result.status === 'delivered') {
      const rejected = Math.min(result.rejected, sent);
      const delivered = sent - rejected;
      this.#counters.delivered += delivered;
      for (const tally of batch.tallies) tally.delivered(delivered);
      this.#options.onDelivered?.();
      if (rejected > 0 || result.message !== '') this.#drop(batch, 'rejected', rejected, result.message);
    } else {
      this.#drop(batch, result.status === 'threw' ? 'refused' : result.status, sent, result.error.message);
    }
    batch.settle();
  }

  #putBack(batch: Batch<T>): void {
    this.#waiting += batch.items.length;
    this.#ready.unshift(batch);
    this.#dropOldest();
  }

  #dropOldest(): void {
    let excess = this.#waiting - this.#maxQueueSize;
    while (excess > 0) {
      const oldest = this.#ready[0] ?? this.#open;
      const lost = oldest.items.splice(0, excess).length;
      if (lost === 0) return;
      this.#waiting -= lost;
      excess -= lost;
      if (!oldest.wasTried) this.#counters.droppedUntried += lost;
      this.#drop(oldest, 'queue_full', lost, `more than ${this.#options.maxQueueSize} were waiting`);
      if (oldest.items.length === 0 && oldest !== this.#open) this.#ready.shift()?.settle();
    }
  }

  #countInFlight(): number {
    let inFlight = 0;
    for (const batch of this.#inFlight.keys()) inFlight += batch.items.length;
    return inFlight;
  }

  #drop(batch: Batch<T>, reason: DropReason, count: number, message: string): void {
    this.#counters.drop(reason, count);
    for (const tally of batch.tallies) tally.dropped(reason, count);
    this.#options.onDropped?.(reason, count, message);
  }
}
