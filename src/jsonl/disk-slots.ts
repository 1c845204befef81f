/**
 * Limits how many files write at a time. Node does asynchronous file I/O in a pool of four threads (UV_THREADPOOL_SIZE). On a disk
 * that hangs each write occupies a thread, and each fsync another one: without a limit, DNS lookups and all other file I/O of the
 * process would wait for that disk too.
 */
export class DiskSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Runs the work when a slot is free, first come, first served. Work must not ask for a second slot: both would wait forever. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The slot goes to the next in line without becoming free, so that a caller arriving now cannot take it first.
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
