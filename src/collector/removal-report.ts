/** Milliseconds. */
const EVERY = 60_000;

/**
 * Tells that files were removed: the first at once, those of the next minute together. Under load a file may be full every
 * second, and a line for each would be all that is on the terminal.
 */
export class RemovalReport {
  readonly #report: (line: string) => void;
  #toldAt = -Infinity;
  #files = 0;
  #bytes = 0;

  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  removed(path: string, bytes: number): void {
    this.#files += 1;
    this.#bytes += bytes;
    if (performance.now() - this.#toldAt < EVERY) return;
    if (this.#files > 1) this.tellRest();
    else this.#tell(`${path}: removed (${bytes} bytes), to stay within the bound on all files`);
  }

  /** What has not been told yet. */
  tellRest(): void {
    if (this.#files === 0) return;
    const files = this.#files === 1 ? 'one more file' : `${this.#files} more files`;
    this.#tell(`removed ${files} (${this.#bytes} bytes), to stay within the bound on all files`);
  }

  #tell(line: string): void {
    this.#toldAt = performance.now();
    this.#files = 0;
    this.#bytes = 0;
    this.#report(line);
  }
}
