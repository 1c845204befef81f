import { clearInterval, setInterval } from '../clock/clock.ts';
import type { CollectorStatistics } from './collector-statistics.ts';

const EVERY_MILLIS = 1000;
/** Carriage return, and the ANSI sequence that erases the line. */
const CLEAR = '\r\u001B[K';

/**
 * One line at the bottom of a terminal, rewritten every second. Not for output to a file or a pipe: there only events are printed, and
 * `/metrics` has the figures.
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

  /** Prints a line above the status line. */
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
