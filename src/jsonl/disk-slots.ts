/**
 * How many files may be at the disk at a time. Node does all that is asynchronous with files in a pool of four threads
 * (UV_THREADPOOL_SIZE), and on a disk that hangs each write keeps its thread, and an fsync another one: without a bound, the
 * looking up of names and the files of everybody else in the process would wait for that disk, too.
 */
export class DiskSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(slots: number) {
    this.#free = slots;
  }

  /** First come, first served. Who has one must not ask for another. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Handed on: whoever asks in this moment would else be before those who wait.
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
