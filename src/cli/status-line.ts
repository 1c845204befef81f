import type { CollectorStatistics } from './collector-statistics.ts';

const EVERY_MILLIS = 1000;
/** Back to the first column, and what stood there is gone. */
const CLEAR = '\r\u001B[K';

/**
 * One line at the bottom of a terminal, written anew every second. Where the output goes to a file or a pipe there is none:
 * there, what happens is told when it happens, and `/metrics` has the figures.
 */
export class StatusLine {
  readonly #statistics: CollectorStatistics;
  readonly #write: (text: string) => void;
  readonly #timer: NodeJS.Timeout;
  #received = 0;
  #invalid = 0;
  #line = '';

  constructor(statistics: CollectorStatistics, write: (text: string) => void) {
    this.#statistics = statistics;
    this.#write = write;
    this.#timer = setInterval(() => this.#refresh(), EVERY_MILLIS).unref();
  }

  /** Writes a line above it. */
  print(line: string): void {
    this.#write(`${CLEAR}${line}\n${this.#line}`);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#write(CLEAR);
    this.#line = '';
  }

  #refresh(): void {
    const { received, invalid, spans, millis, writeP99 } = this.#statistics.take();
    this.#received += received;
    this.#invalid += invalid;
    const rate = Math.round((1000 * spans) / millis);
    const p99 = writeP99 === undefined ? '-' : `${writeP99.toFixed(1)} ms`;
    this.#line = `received ${this.#received}, invalid ${this.#invalid}, ${rate} spans/s, write p99 ${p99}`;
    this.#write(`${CLEAR}${this.#line}`);
  }
}
