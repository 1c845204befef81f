import type { FinalDelivery } from '../../exit/final-export.ts';
import type { Deliver } from '../../outbox/delivery.ts';

/** Delivers the batches of one signal. */
export interface Transport<T> {
  /** While the process runs. */
  readonly deliver: Deliver<T>;
  /** When the process ends. Undefined if this transport needs an event loop: items that wait then are lost, and counted. */
  readonly finalDelivery: ((items: readonly T[]) => FinalDelivery) | undefined;
}
