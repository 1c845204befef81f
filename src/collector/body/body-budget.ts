/**
 * The bytes that all requests together may hold, from the first byte of a body until the answer. Without it a thousand
 * clients with 64 MiB each would be 64 GiB.
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
        // The only one may have what it needs: refused now, it would be refused every time.
        const fits = this.#used - held + bytes <= this.limit || this.#used === held;
        if (fits) hold(bytes);
        return fits;
      },
      force: hold,
      release: () => hold(0),
    };
  }
}

/** What one request holds of the budget. */
export interface BodyLease {
  /** @returns false, and changes nothing, when the budget does not allow it */
  resize(bytes: number): boolean;
  /** For memory that is already in use: others wait until it is free. */
  force(bytes: number): void;
  release(): void;
}
