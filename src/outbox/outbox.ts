import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deadline } from '../deadline/deadline.ts';
import { Batch } from './batch.ts';
import {
  type Deliver,
  type DeliveryResult,
  deliverSafely,
  type DropReason,
  type OutboxCounts,
  type OutboxFigures,
} from './delivery.ts';
import { Backoff } from './backoff.ts';
import { OutboxCounters } from './outbox-counters.ts';

export interface OutboxOptions<T> {
  /** Items that may wait; beyond it the oldest are dropped. Those in flight are not counted: `maxInFlight` bounds them. */
  readonly maxQueueSize: number;
  readonly maxBatchSize: number;
  /** Batches under way at once while the backend is well. After a failure it is one, and grows again with each success. */
  readonly maxInFlight: number;
  /** Milliseconds an item waits for company before its batch leaves. */
  readonly scheduleDelayMillis: number;
  /** Milliseconds one attempt may take; `Infinity` for no limit. */
  readonly attemptTimeoutMillis: number;
  readonly deliver: Deliver<T>;
  readonly onDelivered?: () => void;
  readonly onFailed?: (error: Error) => void;
  /** An item that came after `stop()`. */
  readonly onLate?: (item: T) => void;
  readonly onDropped?: (reason: DropReason, count: number, message: string) => void;
}

/** Why an attempt was ended by `stop()`: that says nothing of the backend. */
const STOPPED = new Error('stopped');

/**
 * What has ended and is not yet acknowledged by the backend. An item leaves when the backend said yes, or when it is dropped
 * with a counted reason. A batch that failed comes back and is tried again until there is no room for it.
 *
 * Nothing here holds the event loop; a flush does, by its deadline.
 */
export class Outbox<T> {
  readonly #options: OutboxOptions<T>;
  #maxQueueSize: number;
  #ending = false;
  /** Timers and sockets of ours must not carry the context of the request that happened to fill a batch. */
  readonly #outsideRequests = AsyncLocalStorage.snapshot();
  #open = new Batch<T>();
  /** Oldest first. */
  readonly #ready: Batch<T>[] = [];
  readonly #inFlight = new Map<Batch<T>, AbortController>();
  #waiting = 0;
  readonly #counters = new OutboxCounters();
  readonly #backoff: Backoff;
  #scheduled: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #pumping: NodeJS.Timeout | undefined;
  /** Ends each flush that is under way. */
  readonly #flushes = new Set<() => void>();
  #stopped = false;

  constructor(options: OutboxOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff(options.maxInFlight);
    this.#maxQueueSize = options.maxQueueSize;
  }

  add(item: T): void {
    this.#counters.accepted += 1;
    this.#waiting += 1;
    this.#open.items.push(item);
    if (this.#stopped && !this.#ending) {
      this.#counters.late += 1;
      this.#options.onLate?.(item);
    }
    this.#dropOldest();
    if (this.#open.items.length >= this.#options.maxBatchSize) {
      this.#closeOpen();
      this.#wake();
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
    const { handedOver, droppedUntried } = this.#counters;
    const { maxQueueSize } = this.#options;
    return { ...this.counts(), inFlight: this.#countInFlight(), maxQueueSize, handedOver, droppedUntried };
  }

  /** The process ends: what is ended with it must not push out what was there before. Live spans are bounded themselves. */
  liftBound(): void {
    this.#ending = true;
    this.#maxQueueSize = Infinity;
  }

  /**
   * Takes out everything that is not acknowledged yet, in flight or waiting, in batches; for a delivery that is done elsewhere,
   * after which this one has nothing left to say of it.
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
   * `stop()`: whoever stops it has waited for the same things, and the deadline of a flush holds the event loop.
   * Tries at once even in a back-off, but not before the time that the backend asked for (`Retry-After`).
   */
  async flush(deadline: Deadline): Promise<void> {
    this.#closeOpen();
    const batches = [...this.#inFlight.keys(), ...this.#ready];
    if (batches.length === 0 || deadline.expired) return;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#flushes.add(end);
    this.#backoff.hurry();
    this.#wake();
    try {
      await deadline.race(Promise.race([ended, Promise.all(batches.map((batch) => batch.settled))]));
    } finally {
      this.#flushes.delete(end);
    }
  }

  /**
   * Ends what runs in the background: timers, back-off, attempts in flight (their batches come back). The outbox stays
   * open: what is added from now on waits for a flush.
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
   * Serialising a batch takes milliseconds: one batch a turn of the loop, never inside the application's own turn. A timer,
   * since an unreferenced immediate does not wake a loop that sleeps in its poll phase.
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
    const attempt = new AbortController();
    const { attemptTimeoutMillis } = this.#options;
    const timer = Number.isFinite(attemptTimeoutMillis)
      ? setTimeout(() => attempt.abort(new Error(`no answer within ${attemptTimeoutMillis} ms`)), attemptTimeoutMillis)
      : undefined;
    timer?.unref();
    const startedAt = performance.now();
    this.#waiting -= batch.items.length;
    if (!batch.wasTried) this.#counters.handedOver += batch.items.length;
    batch.wasTried = true;
    this.#inFlight.set(batch, attempt);
    const result = await deliverSafely(this.#options.deliver, batch.items, attempt.signal);
    clearTimeout(timer);
    // It was taken out meanwhile.
    if (!this.#inFlight.delete(batch)) return;
    if (attempt.signal.reason === STOPPED && result.status === 'failed') this.#putBack(batch);
    else this.#conclude(batch, result, startedAt);
    this.#wake();
  }

  #conclude(batch: Batch<T>, result: DeliveryResult, startedAt: number): void {
    if (result.status === 'failed') {
      this.#putBack(batch);
      this.#backoff.failed(startedAt, result.retryAfterMillis);
      this.#options.onFailed?.(result.error);
      return;
    }
    this.#backoff.answered();
    if (result.status === 'delivered') {
      const rejected = Math.min(result.rejected, batch.items.length);
      this.#counters.delivered += batch.items.length - rejected;
      this.#options.onDelivered?.();
      if (rejected > 0 || result.message !== '') this.#drop('rejected', rejected, result.message);
      batch.settle();
    } else if (result.status === 'too_large' && batch.items.length > 1) {
      this.#waiting += batch.items.length;
      this.#ready.unshift(...batch.halve());
    } else {
      this.#drop(result.status, batch.items.length, result.error.message);
      batch.settle();
    }
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
      this.#drop('queue_full', lost, `more than ${this.#options.maxQueueSize} were waiting`);
      if (oldest.items.length === 0 && oldest !== this.#open) this.#ready.shift()?.settle();
    }
  }

  #countInFlight(): number {
    let inFlight = 0;
    for (const batch of this.#inFlight.keys()) inFlight += batch.items.length;
    return inFlight;
  }

  #drop(reason: DropReason, count: number, message: string): void {
    this.#counters.drop(reason, count);
    this.#options.onDropped?.(reason, count, message);
  }
}
