import type { FlushTally } from './flush-outcome.ts';

/** Items that are sent in one request. A flush waits for the batches that existed when it was called. */
export class Batch<T> {
  readonly items: T[];
  /** Whether an attempt was made to deliver it. */
  wasTried = false;
  /** Of the running flushes that wait for this batch. */
  readonly tallies: Set<FlushTally>;
  readonly #settled: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(items: T[] = [], tallies: Iterable<FlushTally> = []) {
    this.items = items;
    this.tallies = new Set(tallies);
  }

  /** Resolves when every item has been acknowledged or dropped. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  settle(): void {
    this.#settled.resolve();
  }

  /** Two halves that settle this batch when both have settled. */
  halve(): [Batch<T>, Batch<T>] {
    const middle = Math.ceil(this.items.length / 2);
    const half = (items: T[]): Batch<T> => new Batch(items, this.tallies);
    const halves: [Batch<T>, Batch<T>] = [half(this.items.slice(0, middle)), half(this.items.slice(middle))];
    for (const part of halves) part.wasTried = this.wasTried;
    void Promise.all(halves.map((part) => part.settled)).then(() => this.settle());
    return halves;
  }
}
