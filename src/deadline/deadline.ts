import { clearTimeout, monotonicMillis, setTimeout } from '../clock/clock.ts';
import { LONGEST_TIMER_MILLIS } from '../clock/longest-timer.ts';

export type Raced<T> = { readonly expired: false; readonly value: T } | { readonly expired: true };

/**
 * One absolute instant on the monotonic clock, set by the caller and passed through every layer. It expires at that instant or
 * when the caller's `AbortSignal` aborts, whichever comes first.
 */
export class Deadline {
  readonly #at: number;
  readonly #signal: AbortSignal | undefined;
  #passed = false;

  private constructor(at: number, signal: AbortSignal | undefined) {
    this.#at = at;
    this.#signal = signal;
  }

  /** @param timeoutMillis milliseconds from now; with `Infinity` only the signal expires it. */
  static after(timeoutMillis: number, signal?: AbortSignal): Deadline {
    return new Deadline(monotonicMillis() + timeoutMillis, signal);
  }

  /** Milliseconds left, never negative. */
  get remainingMillis(): number {
    return this.#passed || this.#signal?.aborted ? 0 : Math.max(0, this.#at - monotonicMillis());
  }

  get expired(): boolean {
    return this.remainingMillis === 0;
  }

  /**
   * Waits for the promise, at most until the deadline. Meanwhile a timer keeps the process alive: swansong's own timers and
   * sockets are unreferenced, so without it Node could exit (with code 13) while a caller awaits.
   */
  race<T>(promise: Promise<T>): Promise<Raced<T>> {
    return new Promise((resolve, reject) => {
      const settle = (conclude: () => void) => {
        clearTimeout(timer);
        this.#signal?.removeEventListener('abort', expire);
        conclude();
      };
      const expire = () => {
        // A timer may fire a fraction of a millisecond early; `expired` must be true then, too.
        this.#passed = true;
        settle(() => resolve({ expired: true }));
      };
      const timer = setTimeout(expire, Math.min(this.remainingMillis, LONGEST_TIMER_MILLIS));
      this.#signal?.addEventListener('abort', expire);
      promise.then(
        (value) => settle(() => resolve({ expired: false, value })),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }
}
