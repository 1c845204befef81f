import type { InvalidReason } from '../../self-metrics/invalid-reason.ts';

/** How many items of one request there are and, by reason, how many of them are invalid. */
export class ItemCounts {
  /** Spans, data points or log records so far, valid or not. */
  received = 0;
  rejected = 0;
  readonly #byReason = new Map<InvalidReason, { count: number; readonly first: number }>();

  /**
   * Rejects the items that were counted last.
   * @param count items rejected for the same reason at once: the data points of an invalid metric
   */
  reject(reason: InvalidReason, count = 1): void {
    this.rejected += count;
    const known = this.#byReason.get(reason);
    if (known === undefined) this.#byReason.set(reason, { count, first: this.received - count + 1 });
    else known.count += count;
  }

  *reasons(): Generator<readonly [InvalidReason, number]> {
    for (const [reason, { count }] of this.#byReason) yield [reason, count];
  }

  /** For the developer of the client. There are few reasons, so the length is bounded. */
  describe(noun: string): string {
    const reasons = [...this.#byReason].map(
      ([reason, { count, first }]) => `${count} ${reason} (the first is number ${first})`,
    );
    return `rejected ${this.rejected} of ${this.received} ${noun}s: ${reasons.join(', ')}`;
  }
}
