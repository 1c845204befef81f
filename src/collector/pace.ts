import { setImmediate as nextTurn } from 'node:timers/promises';

/** Bytes that are decoded in one turn of the event loop, some milliseconds. */
const BYTES_A_TURN = 512 * 1024;

/**
 * Lets the event loop turn between what is decoded, of whichever request: a large one, and many that have come at once, must
 * keep neither the others waiting nor those who ask how it goes.
 */
export class Pace {
  #bytesThisTurn = 0;
  #last = Promise.resolve();

  /** Resolves when so many bytes may be decoded; they are to be decoded before anything else is waited for. */
  take(bytes: number): Promise<void> {
    this.#last = this.#last.then(() => this.#next(bytes));
    return this.#last;
  }

  async #next(bytes: number): Promise<void> {
    if (this.#bytesThisTurn + bytes > BYTES_A_TURN) {
      await nextTurn();
      this.#bytesThisTurn = 0;
    }
    this.#bytesThisTurn += bytes;
  }
}
