import { toError } from '../values/to-error.ts';

/** The result of one attempt to deliver a batch. */
export type DeliveryResult =
  /** Acknowledged. The backend rejected `rejected` items of the batch (OTLP partial success): they are not sent again. */
  | { readonly status: 'delivered'; readonly rejected: number; readonly message: string }
  /** A temporary failure of the backend or the network: the batch is sent again, not before `retryAfterMillis`. */
  | { readonly status: 'failed'; readonly error: Error; readonly retryAfterMillis: number }
  /** A final refusal: sending it again would give the same answer. */
  | { readonly status: 'refused'; readonly error: Error }
  /** Too large for one request: the batch is halved; an item that is too large by itself is dropped. */
  | { readonly status: 'too_large'; readonly error: Error };

/**
 * Delivers one batch. Must not reject. `signal` aborts the attempt: at its timeout, or when the outbox is stopped.
 */
export type Deliver<T> = (items: readonly T[], signal: AbortSignal) => Promise<DeliveryResult>;

/** Why items were lost. `queue_full` is the `error.type` that the semantic conventions of SDK metrics prescribe. */
export type DropReason = 'queue_full' | 'rejected' | 'refused' | 'too_large';

export interface OutboxCounts {
  /** Items that were added to the outbox. */
  readonly accepted: number;
  /** Items that the backend acknowledged. */
  readonly delivered: number;
  /** Items that are neither acknowledged nor dropped, in flight or not. */
  readonly waiting: number;
  /** Items that were added after `shutdown()`: kept for another `forceFlush()` or the delivery at exit. */
  readonly late: number;
  /** Items lost, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** The counts, and more for the metrics about the outbox. */
export interface OutboxFigures extends OutboxCounts {
  /** Of `waiting`: items of a running attempt. */
  readonly inFlight: number;
  readonly maxQueueSize: number;
  /** Items that at least one attempt was made to deliver. */
  readonly tried: number;
  /** Of the dropped items: those that no attempt was made to deliver. */
  readonly droppedUntried: number;
}

/** A `deliver` that rejects is a bug: its batch is dropped. An unhandled rejection would end the application's process. */
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
