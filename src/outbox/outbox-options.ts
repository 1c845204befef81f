import type { Deliver, DropReason } from './delivery.ts';

export interface OutboxOptions<T> {
  /** Items that may wait; beyond it the oldest are dropped. Items in flight do not count: `maxInFlight` limits them. */
  readonly maxQueueSize: number;
  readonly maxBatchSize: number;
  /** Batches that are sent in parallel while the backend works. After a failure one, and one more with each answer. */
  readonly maxInFlight: number;
  /** Milliseconds after which a batch is sent although it is not full. */
  readonly scheduleDelayMillis: number;
  /** Milliseconds one attempt may take; `Infinity` for no limit. */
  readonly attemptTimeoutMillis: number;
  readonly deliver: Deliver<T>;
  readonly onDelivered?: () => void;
  readonly onFailed?: (error: Error) => void;
  /** Called for each item that is added after `stop()`. */
  readonly onAddedAfterStop?: (item: T) => void;
  readonly onDropped?: (reason: DropReason, count: number, message: string) => void;
}
