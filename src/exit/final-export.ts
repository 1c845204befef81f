import type { DeliveryResult } from '../outbox/delivery.ts';
import type { ExitAnswer, ExitRequest } from './exit-request.ts';

/** How one batch is delivered in the `exit` event, after which the event loop does not run. */
export type FinalDelivery =
  /** The exit worker sends it. */
  | { readonly kind: 'request'; readonly request: ExitRequest; classify(answer: ExitAnswer): DeliveryResult }
  /** Synchronously, in this thread, until `processMillis()` is `deadline`. */
  | { readonly kind: 'sync'; deliver(deadline: number): DeliveryResult };

export interface FinalBatch {
  readonly items: number;
  /** Serialises the batch. @throws what the serializer throws; other batches are delivered nevertheless */
  readonly prepare: () => FinalDelivery;
}

/** What one outbox holds when the process ends. */
export interface FinalExport {
  /** Plural name of the items, for messages. */
  readonly noun: string;
  /** Requests under way at once. */
  readonly maxInFlight: number;
  /** Removes everything from the outbox and returns it, oldest first. */
  readonly takeBatches: () => readonly FinalBatch[];
}
