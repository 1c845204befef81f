/**
 * Limits the bytes that all requests together hold in memory, from the first byte of a body until the answer. Without it, a
 * thousand clients with 64 MiB each could use 64 GiB.
 */
export class BodyBudget {
  readonly limit: number;
  #used = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  lease(): BodyLease {
    let held = 0;
    const hold = (bytes: number): void => {
      this.#used += bytes - held;
      held = bytes;
    };
    return {
      resize: (bytes) => {
        // A request that is alone gets what it needs: refused now, it would be refused at every retry.
        const fits = this.#used - held + bytes <= this.limit || this.#used === held;
        if (fits) hold(bytes);
        return fits;
      },
      force: hold,
      release: () => hold(0),
    };
  }
}

/** The share of the budget that one request holds. */
export interface BodyLease {
  /** @returns false, without any change, if the budget does not allow it */
  resize(bytes: number): boolean;
  /** Takes the bytes even beyond the limit, for memory that is already in use; further requests are refused until it is released. */
  force(bytes: number): void;
  release(): void;
}
