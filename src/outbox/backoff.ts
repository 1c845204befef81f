import { monotonicMillis } from '../clock/clock.ts';
const FIRST_MILLIS = 1000;
const LONGEST_MILLIS = 30_000;

/**
 * How fast an outbox may send: several batches in parallel while the backend works; after a failure one at a time, with
 * growing pauses, and never before the time that the backend asked for. All instants are of the monotonic clock.
 */
export class Backoff {
  readonly #limit: number;
  #maxInFlight: number;
  #failures = 0;
  #failedAt = 0;
  #backOffUntil = 0;
  #retryAfter = 0;

  constructor(maxInFlight: number) {
    this.#limit = maxInFlight;
    this.#maxInFlight = maxInFlight;
  }

  /** Batches that may be in flight at the same time. */
  get maxInFlight(): number {
    return this.#maxInFlight;
  }

  /** Milliseconds until the next attempt may be made. */
  get pauseMillis(): number {
    return Math.max(0, Math.max(this.#backOffUntil, this.#retryAfter) - monotonicMillis());
  }

  /** The backend answered with a status that is not retried: success or a final refusal. */
  answered(): void {
    this.#failures = 0;
    this.#backOffUntil = 0;
    this.#maxInFlight = Math.min(this.#maxInFlight + 1, this.#limit);
  }

  failed(startedAt: number, retryAfterMillis: number): void {
    const now = monotonicMillis();
    // Attempts that were in flight together fail together: that is one failure, not ten.
    if (startedAt >= this.#failedAt) this.#failures += 1;
    this.#failedAt = now;
    this.#maxInFlight = 1;
    this.#backOffUntil = now + retryDelayMillis(this.#failures);
    this.#retryAfter = Math.max(this.#retryAfter, now + retryAfterMillis);
  }

  /** For a flush: the next attempt may be made at once, but not before the time that the backend asked for. */
  cancelPause(): void {
    this.#failures = 0;
    this.#backOffUntil = 0;
  }
}

/**
 * Milliseconds to wait after the n-th failure in a row: exponential with jitter (OTLP: "an exponential back-off strategy"),
 * 1 s at first, 30 s at most, each ±20 % so that many processes do not retry at the same moments.
 */
export function retryDelayMillis(failures: number, random: () => number = Math.random): number {
  const exponential = Math.min(FIRST_MILLIS * 2 ** (failures - 1), LONGEST_MILLIS);
  return exponential * (0.8 + 0.4 * random());
}
