import type { DeliveryResult } from '../outbox/delivery.ts';
import type { ExitAnswer, ExitRequest } from './exit-request.ts';

/** How one batch is delivered in the `exit` event, after which the event loop does not run. */
export type FinalDelivery =
  /** The exit worker sends it. */
  | { readonly kind: 'request'; readonly request: ExitRequest; classify(answer: ExitAnswer): DeliveryResult }
  /** Synchronously, in this thread. */
  | { readonly kind: 'sync'; deliver(): DeliveryResult };

interface FinalBatch {
  readonly items: number;
  /** Serialises the batch. @throws what the serializer throws; other batches are delivered nevertheless */
  readonly prepare: () => FinalDelivery;
}

/** What one outbox holds when the process ends. */
export interface FinalExport {
  /** Plural name of the items, for messages. */
  readonly noun: string;
  /** Removes everything from the outbox and returns it. */
  readonly takeBatches: () => readonly FinalBatch[];
}
