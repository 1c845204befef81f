import { monotonicMillis } from '../clock/clock.ts';
/** Milliseconds. */
const EVERY = 60_000;

/** Reports problems that clients cause: one line for each kind of problem, and at most one a minute. */
export class MinuteReport {
  readonly #report: (line: string) => void;
  readonly #reportedAt = new Map<string, number>();

  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** @param kind one of few: each is remembered */
  say(kind: string, line: string): void {
    const now = monotonicMillis();
    if (now - (this.#reportedAt.get(kind) ?? -Infinity) < EVERY) return;
    this.#reportedAt.set(kind, now);
    this.#report(line);
  }
}
