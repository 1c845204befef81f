import { diag } from '@opentelemetry/api';
import { MetricReader, type MetricReaderOptions, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { clearInterval, monotonicMillis, setInterval } from '../clock/clock.ts';
import { Deadline } from '../deadline/deadline.ts';
import type { FlushOutcome } from './flush-outcome.ts';
import type { Outbox } from './outbox.ts';

export interface OutboxMetricReaderOptions extends MetricReaderOptions {
  readonly outbox: Outbox<ResourceMetrics>;
  /** Milliseconds between two collections. */
  readonly intervalMillis: number;
  /** Milliseconds after which a collection does not wait any longer for asynchronous observable callbacks. */
  readonly collectTimeoutMillis: number;
  readonly flushTimeoutMillis: number;
  /** Called after each collection with its duration in seconds and, if it failed, the `error.type`. */
  readonly onCollected?: (seconds: number, errorType: string | undefined) => void;
}

/**
 * Collects at each interval and puts the result into an outbox. Used instead of the SDK's `PeriodicExportingMetricReader`,
 * which discards an interval whose export failed: with delta temporality that is lost data.
 */
export class OutboxMetricReader extends MetricReader {
  readonly #options: OutboxMetricReaderOptions;
  #interval: NodeJS.Timeout | undefined;
  #collectedAt = Number.NEGATIVE_INFINITY;

  constructor(options: OutboxMetricReaderOptions) {
    super(options);
    this.#options = options;
  }

  /**
   * Collects the current interval, and waits until it has been delivered or the deadline has passed.
   * @returns what became of this collection and of those that waited already
   */
  async flush(deadline: Deadline): Promise<FlushOutcome> {
    const collected = await deadline.race(this.collectIntoOutbox());
    const outcome = await this.#options.outbox.flush(deadline);
    return collected.expired ? { ...outcome, undelivered: outcome.undelivered + 1 } : outcome;
  }

  /**
   * Collects the current interval. If every observable is synchronous this takes only microtasks, so it can run in
   * `beforeExit` without making the event loop turn again.
   * @param isWanted decides whether the result is put into the outbox
   */
  async collectIntoOutbox(isWanted: (collected: ResourceMetrics) => boolean = () => true): Promise<void> {
    const startedAt = monotonicMillis();
    this.#collectedAt = startedAt;
    let errorType: string | undefined;
    try {
      const { resourceMetrics, errors } = await this.collect({ timeoutMillis: this.#options.collectTimeoutMillis });
      for (const error of errors) diag.warn('a metric could not be collected', error);
      if (errors.length > 0) errorType = 'partial';
      if (resourceMetrics.scopeMetrics.length > 0 && isWanted(resourceMetrics))
        this.#options.outbox.add(resourceMetrics);
    } catch (error) {
      diag.warn('metrics could not be collected', error);
      errorType = error instanceof Error ? error.name : '_OTHER';
    }
    this.#options.onCollected?.((monotonicMillis() - startedAt) / 1000, errorType);
  }

  /** Milliseconds since the last collection began; `Infinity` before the first. */
  get ageMillis(): number {
    return monotonicMillis() - this.#collectedAt;
  }

  stop(): void {
    clearInterval(this.#interval);
  }

  protected override onInitialized(): void {
    this.#interval = setInterval(() => void this.collectIntoOutbox(), Math.max(1, this.#options.intervalMillis));
    this.#interval.unref();
  }

  protected override async onForceFlush(): Promise<void> {
    await this.flush(Deadline.after(this.#options.flushTimeoutMillis));
  }

  protected override onShutdown(): Promise<void> {
    this.stop();
    return this.onForceFlush();
  }
}
