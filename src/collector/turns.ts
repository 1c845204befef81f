/** One after the other, in the order they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    // What fails is told to its own caller, and keeps nobody from the next turn.
    this.#last = turn.catch(() => {});
    return turn;
  }
}
