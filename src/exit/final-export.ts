import type { DeliveryResult } from '../outbox/delivery.ts';
import type { ExitAnswer, ExitRequest } from './exit-request.ts';

/** How one batch leaves at the end of the process, where no event loop is left. */
export type FinalDelivery =
  /** By the exit worker. */
  | { readonly kind: 'request'; readonly request: ExitRequest; classify(answer: ExitAnswer): DeliveryResult }
  /** At once, in this thread. */
  | { readonly kind: 'sync'; deliver(): DeliveryResult };

interface FinalBatch {
  readonly items: number;
  /** Serialises the batch. @throws what the serializer throws; the other batches go all the same */
  readonly prepare: () => FinalDelivery;
}

/** What one outbox holds when the process ends. */
export interface FinalExport {
  /** What one item is called, for messages. */
  readonly noun: string;
  /** Takes everything out of the outbox. */
  readonly takeBatches: () => readonly FinalBatch[];
}
