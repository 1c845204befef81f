import { nextTurn } from '../clock/clock.ts';

/** Bytes that are decoded in one turn of the event loop: some milliseconds of work. */
const BYTES_PER_TURN = 512 * 1024;

/**
 * Decides when a request may be decoded. Decoding is synchronous, so without this a large request, or many small ones at once,
 * would block every other request, `/healthz` and `/metrics` until it was done.
 */
export class DecodeScheduler {
  #bytesThisTurn = 0;
  #lastTurn: Promise<void> = Promise.resolve();
  #lastLarge: Promise<unknown> = Promise.resolve();

  /**
   * Resolves when so many bytes may be decoded, in the order of the calls. The caller decodes them before it awaits anything else:
   * what it decodes later is not counted to this turn of the event loop.
   */
  waitForTurn(bytes: number): Promise<void> {
    this.#lastTurn = this.#lastTurn.then(() => this.#countInTurn(bytes));
    return this.#lastTurn;
  }

  /** Runs the work of one large request after that of all earlier ones has settled: only one at a time holds its lines in memory. */
  runLarge<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastLarge.then(work);
    // A failure goes to its own caller; the next request runs all the same.
    this.#lastLarge = result.catch(() => {});
    return result;
  }

  async #countInTurn(bytes: number): Promise<void> {
    if (this.#bytesThisTurn + bytes > BYTES_PER_TURN) {
      await nextTurn();
      this.#bytesThisTurn = 0;
    }
    this.#bytesThisTurn += bytes;
  }
}
