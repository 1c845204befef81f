const FIRST_MILLIS = 1000;
const LONGEST_MILLIS = 30_000;

/**
 * How fast an outbox may send: several batches at once while the backend is well; after a failure one at a time, with growing
 * pauses, and never before the time that the backend asked for. Instants are of the monotonic clock.
 */
export class Backoff {
  readonly #most: number;
  #maxInFlight: number;
  #failures = 0;
  #failedAt = 0;
  #backOffUntil = 0;
  #retryAfter = 0;

  constructor(maxInFlight: number) {
    this.#most = maxInFlight;
    this.#maxInFlight = maxInFlight;
  }

  /** Batches that may be under way at once. */
  get maxInFlight(): number {
    return this.#maxInFlight;
  }

  /** Milliseconds until the next attempt may be made. */
  get pauseMillis(): number {
    return Math.max(0, Math.max(this.#backOffUntil, this.#retryAfter) - performance.now());
  }

  /** The backend answered, whatever it said. */
  answered(): void {
    this.#failures = 0;
    this.#backOffUntil = 0;
    this.#maxInFlight = Math.min(this.#maxInFlight + 1, this.#most);
  }

  failed(startedAt: number, retryAfterMillis: number): void {
    const now = performance.now();
    // Attempts that were in flight together fail together: that is one failure, not ten.
    if (startedAt >= this.#failedAt) this.#failures += 1;
    this.#failedAt = now;
    this.#maxInFlight = 1;
    this.#backOffUntil = now + retryDelayMillis(this.#failures);
    this.#retryAfter = Math.max(this.#retryAfter, now + retryAfterMillis);
  }

  /** Somebody waits: the next attempt may be made at once, unless the backend asked for a later one. */
  hurry(): void {
    this.#failures = 0;
    this.#backOffUntil = 0;
  }
}

/**
 * How long to wait after the n-th failure in a row: exponential with jitter (OTLP: "an exponential back-off strategy"),
 * 1 s at first, never more than 30 s, each ±20 % so that a fleet does not knock in step.
 */
export function retryDelayMillis(failures: number, random: () => number = Math.random): number {
  const exponential = Math.min(FIRST_MILLIS * 2 ** (failures - 1), LONGEST_MILLIS);
  return exponential * (0.8 + 0.4 * random());
}
