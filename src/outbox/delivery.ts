import { toError } from '../values/thrown.ts';

/** Items that cannot be sent, whatever the backend: they were left out of the request. */
export interface InvalidItems {
  /** 0 where an item was sent without a part of it: data points of a collection of metrics. */
  readonly items: number;
  /** What they count in the SDK's metrics: spans, log records, data points. */
  readonly size: number;
  readonly message: string;
}

/** The result of one attempt to deliver a batch. */
export type DeliveryResult = Outcome & { readonly invalid?: InvalidItems | undefined };

type Outcome =
  /** Acknowledged. The backend rejected `rejected` items of the batch (OTLP partial success): they are not sent again. */
  | { readonly status: 'delivered'; readonly rejected: number; readonly message: string }
  /** A temporary failure of the backend or the network: the batch is sent again, not before `retryAfterMillis`. */
  | { readonly status: 'failed'; readonly error: Error; readonly retryAfterMillis: number }
  /** A final refusal: sending it again would give the same answer. */
  | { readonly status: 'refused'; readonly error: Error }
  /** Too large for one request: the batch is halved; an item that is too large by itself is dropped. */
  | { readonly status: 'too_large'; readonly error: Error }
  /** Nothing of it can be sent. */
  | { readonly status: 'invalid'; readonly error: Error }
  /** The delivery itself threw: the batch is halved until the item is found that causes it. */
  | { readonly status: 'threw'; readonly error: Error };

export function withInvalid(result: DeliveryResult, invalid: InvalidItems | undefined): DeliveryResult {
  return invalid === undefined ? result : { ...result, invalid };
}

/**
 * Delivers one batch. Must not reject. `signal` aborts the attempt: at its timeout, or when the outbox is stopped.
 */
export type Deliver<T> = (items: readonly T[], signal: AbortSignal) => Promise<DeliveryResult>;

/** Why items were lost. `queue_full` is the `error.type` that the semantic conventions of SDK metrics prescribe. */
export type DropReason = 'queue_full' | 'rejected' | 'refused' | 'too_large' | 'invalid';

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

/** A `deliver` that rejects is a bug. An unhandled rejection would end the application's process. */
export async function deliverSafely<T>(
  deliver: Deliver<T>,
  items: readonly T[],
  signal: AbortSignal,
): Promise<DeliveryResult> {
  try {
    return await deliver(items, signal);
  } catch (error) {
    return {
      status: 'threw',
      error: toError(error, 'delivery threw'),
    };
  }
}
