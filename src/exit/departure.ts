import type { DeliveryResult } from '../outbox/delivery.ts';
import type { ExitAnswer, ExitRequest } from './exit-request.ts';

/** One batch on its last way out. */
export interface Parcel {
  readonly items: number;
  readonly way:
    /** By the exit worker. */
    | { readonly kind: 'request'; readonly request: ExitRequest; judge(answer: ExitAnswer): DeliveryResult }
    /** At once, in this thread. */
    | { readonly kind: 'sync'; deliver(): DeliveryResult }
    /** There is none. */
    | { readonly kind: 'none'; readonly reason: string };
}

/** What is in one outbox when the process ends. */
export interface Departure {
  /** What one item is called, for messages. */
  readonly noun: string;
  readonly parcels: () => readonly Parcel[];
}
