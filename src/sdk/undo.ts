/** Undoes a start that fails half way, the last step first. If one step throws, the others still run. */
export class Undo {
  readonly #steps: (() => void)[] = [];

  add(step: () => void): void {
    this.#steps.push(step);
  }

  run(): void {
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        step();
      } catch {
        // The error that made the start fail is the one to be reported.
      }
    }
  }
}
