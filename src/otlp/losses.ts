import type { InvalidItems } from '../outbox/delivery.ts';

/** What could not be encoded of a batch. */
export class Losses {
  #items = 0;
  #size = 0;
  #first = '';

  /** An item is left out. @param size what it counts in the SDK's metrics: spans, log records, data points */
  addItem(size: number, why: string): void {
    this.#items += 1;
    this.addPart(size, why);
  }

  /** A part of an item is left out: data points of a collection. */
  addPart(size: number, why: string): void {
    if (this.#size === 0) this.#first = why;
    this.#size += size;
  }

  get found(): InvalidItems | undefined {
    if (this.#items === 0 && this.#size === 0) return undefined;
    return { items: this.#items, size: this.#size, message: this.#first };
  }
}
