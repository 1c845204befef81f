import { toError } from '../values/to-error.ts';

/** What became of one attempt to deliver a batch. */
export type DeliveryResult =
  /** Acknowledged. Of the batch the backend rejected `rejected` items for good (OTLP partial success). */
  | { readonly status: 'delivered'; readonly rejected: number; readonly message: string }
  /** The backend, or the path to it, is unwell: the batch stays and is tried again, not before `retryAfterMillis`. */
  | { readonly status: 'failed'; readonly error: Error; readonly retryAfterMillis: number }
  /** Refused for good: trying again would give the same answer. */
  | { readonly status: 'refused'; readonly error: Error }
  /** More than one request may carry: the batch is halved, an item that is too large alone is dropped. */
  | { readonly status: 'too_large'; readonly error: Error };

/**
 * Delivers one batch. It never rejects; `signal` ends the attempt (at its timeout, or when everything ends).
 */
export type Deliver<T> = (items: readonly T[], signal: AbortSignal) => Promise<DeliveryResult>;

/** Why items were lost. `queue_full` is the name that semantic conventions demand. */
export type DropReason = 'queue_full' | 'rejected' | 'refused' | 'too_large';

export interface OutboxCounts {
  /** Items that were given to the outbox. */
  readonly accepted: number;
  /** Items that the backend acknowledged. */
  readonly delivered: number;
  /** Items that wait, those in flight included. */
  readonly waiting: number;
  /** Items that came after `shutdown()`: not lost, but kept for another `forceFlush()` or the end of the process. */
  readonly late: number;
  /** Items lost, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** The counts, and what only the outbox itself and its metrics ask for. */
export interface OutboxFigures extends OutboxCounts {
  /** Of the waiting, those that are being delivered right now. */
  readonly inFlight: number;
  readonly maxQueueSize: number;
  /** Items that were part of an attempt to deliver them, each counted once. */
  readonly handedOver: number;
  /** Of the dropped: those that no attempt was ever made for. */
  readonly droppedUntried: number;
}

/** A `deliver` that throws is a bug; it must cost its batch, not the application (an unhandled rejection ends a process). */
export async function deliverSafely<T>(
  deliver: Deliver<T>,
  items: readonly T[],
  signal: AbortSignal,
): Promise<DeliveryResult> {
  try {
    return await deliver(items, signal);
  } catch (error) {
    return {
      status: 'refused',
      error: toError(error, 'delivery threw'),
    };
  }
}
