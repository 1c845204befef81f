import { monotonicMillis } from '../clock/clock.ts';
import type { Deliver, DeliveryResult } from '../outbox/delivery.ts';

/** One attempt to deliver that has ended, with an answer or without. */
export interface ExportOperation {
  readonly seconds: number;
  /** Absent if the backend accepted the batch, or a part of it. */
  readonly errorType?: string;
}

/**
 * Observes deliveries: items in flight, exported and failed, and the duration of each attempt. It only counts, so that it costs
 * next to nothing while no metric reads the counts.
 */
export class ExportObserver<T> {
  readonly #sizeOf: (items: readonly T[]) => number;
  readonly #listeners: ((operation: ExportOperation) => void)[] = [];
  readonly #failed = new Map<string, number>();
  #inFlight = 0;
  #exported = 0;

  /** @param sizeOf number of spans, log records or data points in a batch */
  constructor(sizeOf: (items: readonly T[]) => number) {
    this.#sizeOf = sizeOf;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Items that the backend has accepted. */
  get exported(): number {
    return this.#exported;
  }

  /** Items that the backend has finally refused, by `error.type`. Items that are sent again are in neither count. */
  get failed(): ReadonlyMap<string, number> {
    return this.#failed;
  }

  onOperation(listener: (operation: ExportOperation) => void): void {
    this.#listeners.push(listener);
  }

  watch(deliver: Deliver<T>): Deliver<T> {
    return async (items, signal) => {
      const size = this.#sizeOf(items);
      const startedAt = monotonicMillis();
      this.#inFlight += size;
      try {
        const result = await deliver(items, signal);
        this.#count(result, size, items.length);
        this.#notify(startedAt, errorTypeOf(result));
        return result;
      } catch (error) {
        // A bug in `deliver`; the outbox halves the batch.
        if (items.length <= 1) this.#fail('refused', size);
        this.#notify(startedAt, 'refused');
        throw error;
      } finally {
        this.#inFlight -= size;
      }
    };
  }

  #count(result: DeliveryResult, size: number, items: number): void {
    if (result.status === 'failed' || (result.status === 'too_large' && items > 1)) return;
    const invalid = Math.min(result.invalid?.size ?? 0, size);
    if (invalid > 0) this.#fail('invalid', invalid);
    const sent = size - invalid;
    if (result.status === 'delivered') {
      const rejected = Math.min(result.rejected, sent);
      this.#exported += sent - rejected;
      if (rejected > 0) this.#fail('rejected', rejected);
    } else {
      this.#fail(result.status, sent);
    }
  }

  #fail(errorType: string, size: number): void {
    this.#failed.set(errorType, (this.#failed.get(errorType) ?? 0) + size);
  }

  #notify(startedAt: number, errorType: string | undefined): void {
    const seconds = (monotonicMillis() - startedAt) / 1000;
    for (const listener of this.#listeners) listener({ seconds, ...(errorType !== undefined && { errorType }) });
  }
}

/** The error's code if it has one (`ECONNREFUSED`), else the status of the result. */
function errorTypeOf(result: DeliveryResult): string | undefined {
  if (result.status === 'delivered') return undefined;
  const code: unknown = 'code' in result.error ? result.error.code : undefined;
  return typeof code === 'string' ? code : result.status;
}
