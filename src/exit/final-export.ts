import type { DeliveryResult } from '../outbox/delivery.ts';
import type { ExitAnswer, ExitRequest } from './exit-request.ts';

/** The last way out of one batch. */
export type LastWay =
  /** By the exit worker. */
  | { readonly kind: 'request'; readonly request: ExitRequest; judge(answer: ExitAnswer): DeliveryResult }
  /** At once, in this thread. */
  | { readonly kind: 'sync'; deliver(): DeliveryResult };

interface Parcel {
  readonly items: number;
  /** Serialises the batch. @throws what the serializer throws; the other batches go all the same */
  readonly pack: () => LastWay;
}

/** What is in one outbox when the process ends. */
export interface Departure {
  /** What one item is called, for messages. */
  readonly noun: string;
  /** Takes everything out of the outbox. */
  readonly takeParcels: () => readonly Parcel[];
}
