import { toError } from '../values/to-error.ts';
import type { Deliver, DeliveryResult } from './delivery.ts';

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
