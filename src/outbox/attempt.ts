import { clearTimeout, setTimeout } from '../clock/clock.ts';

/** One attempt to deliver a batch, and its time limit. */
export class Attempt {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param timeoutMillis `Infinity` for no limit */
  constructor(timeoutMillis: number) {
    if (!Number.isFinite(timeoutMillis)) return;
    this.#timer = setTimeout(() => this.abort(new Error(`no answer within ${timeoutMillis} ms`)), timeoutMillis);
    this.#timer.unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** It has a result. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
