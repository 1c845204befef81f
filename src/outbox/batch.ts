/** Items that are sent in one request. A flush waits for the batches that existed when it was called. */
export class Batch<T> {
  readonly items: T[];
  /** Whether an attempt was made to deliver it. */
  wasTried = false;
  readonly #settled: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(items: T[] = []) {
    this.items = items;
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
    const halves: [Batch<T>, Batch<T>] = [new Batch(this.items.slice(0, middle)), new Batch(this.items.slice(middle))];
    for (const half of halves) half.wasTried = this.wasTried;
    void Promise.all(halves.map((half) => half.settled)).then(() => this.settle());
    return halves;
  }
}
