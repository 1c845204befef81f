import type { FinalDelivery } from '../../exit/final-export.ts';
import type { Deliver } from '../../outbox/delivery.ts';

/** How the batches of one signal get to where they go. */
export interface Transport<T> {
  /** While the process lives. */
  readonly deliver: Deliver<T>;
  /** At its end. Undefined where this transport needs an event loop: what waits then is lost, and counted. */
  readonly finalDelivery: ((items: readonly T[]) => FinalDelivery) | undefined;
}
