import type { Deliver, DeliveryResult } from '../outbox/delivery.ts';

/** One attempt to deliver that has an answer, or has given up waiting for one. */
export interface ExportOperation {
  readonly seconds: number;
  /** Absent where the backend took it, all or a part. */
  readonly errorType?: string;
}

/**
 * Watches a delivery: what is under way, what was answered, how long it took. Numbers only, so that watching costs next to
 * nothing while nobody reads them.
 */
export class ExportObserver<T> {
  readonly #sizeOf: (items: readonly T[]) => number;
  readonly #listeners: ((operation: ExportOperation) => void)[] = [];
  readonly #failed = new Map<string, number>();
  #inFlight = 0;
  #exported = 0;

  /** @param sizeOf how much a batch counts: spans, log records, data points */
  constructor(sizeOf: (items: readonly T[]) => number) {
    this.#sizeOf = sizeOf;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Taken by the backend for good. */
  get exported(): number {
    return this.#exported;
  }

  /** Not taken, for good: by `error.type`. What is tried again is in neither. */
  get failed(): ReadonlyMap<string, number> {
    return this.#failed;
  }

  onOperation(listener: (operation: ExportOperation) => void): void {
    this.#listeners.push(listener);
  }

  watch(deliver: Deliver<T>): Deliver<T> {
    return async (items, signal) => {
      const size = this.#sizeOf(items);
      const startedAt = performance.now();
      this.#inFlight += size;
      try {
        const result = await deliver(items, signal);
        this.#enter(result, size, items.length);
        this.#tell(startedAt, errorTypeOf(result));
        return result;
      } catch (error) {
        // A bug; the outbox halves the batch.
        if (items.length <= 1) this.#fail('refused', size);
        this.#tell(startedAt, 'refused');
        throw error;
      } finally {
        this.#inFlight -= size;
      }
    };
  }

  #enter(result: DeliveryResult, size: number, items: number): void {
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

  #tell(startedAt: number, errorType: string | undefined): void {
    const seconds = (performance.now() - startedAt) / 1000;
    for (const listener of this.#listeners) listener({ seconds, ...(errorType !== undefined && { errorType }) });
  }
}

/** The system's own code where there is one (`ECONNREFUSED`), else what became of the attempt. */
function errorTypeOf(result: DeliveryResult): string | undefined {
  if (result.status === 'delivered') return undefined;
  const code: unknown = 'code' in result.error ? result.error.code : undefined;
  return typeof code === 'string' ? code : result.status;
}
