/** The largest delay a Node timer takes; a longer one would fire at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1;

export type Raced<T> = { readonly expired: false; readonly value: T } | { readonly expired: true };

/**
 * One absolute instant on the monotonic clock, owned by the caller and handed through every layer. It has passed when its
 * time is up or when the caller's `AbortSignal` aborted, whichever is first.
 */
export class Deadline {
  readonly #at: number;
  readonly #signal: AbortSignal | undefined;
  #passed = false;

  private constructor(at: number, signal: AbortSignal | undefined) {
    this.#at = at;
    this.#signal = signal;
  }

  /** @param timeoutMillis milliseconds from now; `Infinity` leaves only the signal. */
  static after(timeoutMillis: number, signal?: AbortSignal): Deadline {
    return new Deadline(performance.now() + timeoutMillis, signal);
  }

  /** Milliseconds left, never negative. */
  get remainingMillis(): number {
    return this.#passed || this.#signal?.aborted ? 0 : Math.max(0, this.#at - performance.now());
  }

  get expired(): boolean {
    return this.remainingMillis === 0;
  }

  /**
   * Waits for the promise, at most until the deadline. Meanwhile a timer holds the event loop: everything that swansong
   * does in the background is unreferenced, so without it Node would end (exit code 13) under a caller that awaits.
   */
  race<T>(promise: Promise<T>): Promise<Raced<T>> {
    return new Promise((resolve, reject) => {
      const settle = (conclude: () => void) => {
        clearTimeout(timer);
        this.#signal?.removeEventListener('abort', expire);
        conclude();
      };
      const expire = () => {
        // A timer may fire a fraction of a millisecond early; who waited for it must then find the deadline passed.
        this.#passed = true;
        settle(() => resolve({ expired: true }));
      };
      const timer = setTimeout(expire, Math.min(this.remainingMillis, MAX_TIMER_MILLIS));
      this.#signal?.addEventListener('abort', expire);
      promise.then(
        (value) => settle(() => resolve({ expired: false, value })),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }
}
