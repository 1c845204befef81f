import { monotonicMillis } from '../clock/clock.ts';
/** Milliseconds. */
const EVERY = 60_000;

/**
 * Reports removed files: the first at once, those of the next minute together. Under load a file may be full every second, and
 * a line for each would flood the terminal.
 */
export class RemovalReport {
  readonly #report: (line: string) => void;
  #reportedAt = -Infinity;
  #files = 0;
  #bytes = 0;

  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  removed(path: string, bytes: number): void {
    this.#files += 1;
    this.#bytes += bytes;
    if (monotonicMillis() - this.#reportedAt < EVERY) return;
    if (this.#files > 1) this.reportRest();
    else this.#write(`${path}: removed (${bytes} bytes), to stay within the limit on all files`);
  }

  /** Reports what has not been reported yet. */
  reportRest(): void {
    if (this.#files === 0) return;
    const files = this.#files === 1 ? 'one more file' : `${this.#files} more files`;
    this.#write(`removed ${files} (${this.#bytes} bytes), to stay within the limit on all files`);
  }

  #write(line: string): void {
    this.#reportedAt = monotonicMillis();
    this.#files = 0;
    this.#bytes = 0;
    this.#report(line);
  }
}
