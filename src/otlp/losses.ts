import type { InvalidItems } from '../outbox/delivery.ts';

/** What could not be encoded of a batch. */
export class Losses {
  #items = 0;
  #size = 0;
  #first = '';

  /** An item is left out. @param size its number of spans, log records or data points, for the SDK's metrics */
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
