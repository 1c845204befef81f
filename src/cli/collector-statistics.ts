import { monotonicMillis } from '../clock/clock.ts';
import type { CollectorMetrics } from '../self-metrics/collector-metrics.ts';

/** What was counted since the last `take()`, about a second. */
export interface Interval {
  readonly millis: number;
  readonly received: number;
  readonly invalid: number;
  readonly spans: number;
  /** Milliseconds; undefined if nothing was written. */
  readonly writeP99: number | undefined;
}

/** Measured writes between two calls of `take()`; further ones are not measured. */
const MAX_WRITES = 10_000;

/** Counts for the status line, and passes everything on to the self-metrics. */
export class CollectorStatistics implements CollectorMetrics {
  readonly #next: CollectorMetrics | undefined;
  #received = 0;
  #invalid = 0;
  #spans = 0;
  #writes: number[] = [];
  #since: number = monotonicMillis();

  constructor(next: CollectorMetrics | undefined) {
    this.#next = next;
  }

  received: CollectorMetrics['received'] = (count, attributes) => {
    this.#received += count;
    if (attributes?.['signal'] === 'traces') this.#spans += count;
    this.#next?.received(count, attributes);
  };

  invalid: CollectorMetrics['invalid'] = (count, attributes) => {
    this.#invalid += count;
    this.#next?.invalid(count, attributes);
  };

  refused: CollectorMetrics['refused'] = (count, attributes) => this.#next?.refused(count, attributes);

  observeWaiting: CollectorMetrics['observeWaiting'] = (read, attributes) =>
    this.#next?.observeWaiting(read, attributes) ?? (() => {});

  recordWrite: CollectorMetrics['recordWrite'] = (millis, attributes) => {
    if (this.#writes.length < MAX_WRITES) this.#writes.push(millis);
    this.#next?.recordWrite(millis, attributes);
  };

  async timeWrite<T>(write: () => Promise<T>, attributes?: Parameters<CollectorMetrics['recordWrite']>[1]): Promise<T> {
    const startedAt = monotonicMillis();
    try {
      return await (this.#next === undefined ? write() : this.#next.timeWrite(write, attributes));
    } finally {
      if (this.#writes.length < MAX_WRITES) this.#writes.push(monotonicMillis() - startedAt);
    }
  }

  /** @returns what was counted since the last call */
  take(): Interval {
    const now = monotonicMillis();
    const writes = this.#writes.sort((one, other) => one - other);
    const interval = {
      millis: now - this.#since,
      received: this.#received,
      invalid: this.#invalid,
      spans: this.#spans,
      writeP99: writes[Math.max(0, Math.ceil(0.99 * writes.length) - 1)],
    };
    this.#received = 0;
    this.#invalid = 0;
    this.#spans = 0;
    this.#writes = [];
    this.#since = now;
    return interval;
  }
}
