import { diag } from '@opentelemetry/api';
import { MetricReader, type MetricReaderOptions, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { Deadline } from '../deadline/deadline.ts';
import type { Outbox } from './outbox.ts';

export interface OutboxMetricReaderOptions extends MetricReaderOptions {
  readonly outbox: Outbox<ResourceMetrics>;
  /** Milliseconds between two collections. */
  readonly intervalMillis: number;
  /** Milliseconds that asynchronous observable callbacks get. */
  readonly collectTimeoutMillis: number;
  readonly flushTimeoutMillis: number;
  /** After each collection: seconds it took, and `error.type` where it failed. */
  readonly onCollected?: (seconds: number, errorType: string | undefined) => void;
}

/**
 * Collects every interval and puts the result into an outbox. Takes the place of the SDK's `PeriodicExportingMetricReader`,
 * which forgets an interval whose export failed: with delta temporality that is lost data.
 */
export class OutboxMetricReader extends MetricReader {
  readonly #options: OutboxMetricReaderOptions;
  #interval: NodeJS.Timeout | undefined;
  #collectedAt = Number.NEGATIVE_INFINITY;

  constructor(options: OutboxMetricReaderOptions) {
    super(options);
    this.#options = options;
  }

  /** Collects what the running interval has, and waits until it has been delivered or the deadline has passed. */
  async flush(deadline: Deadline): Promise<void> {
    await deadline.race(this.collectIntoOutbox());
    await this.#options.outbox.flush(deadline);
  }

  /**
   * Collects what there is now. Takes no turn of the event loop as long as every observable is synchronous: that is what makes
   * it possible in `beforeExit` without keeping the process.
   */
  async collectIntoOutbox(isWanted: (collected: ResourceMetrics) => boolean = () => true): Promise<void> {
    // No provider has it: there is nothing to collect from.
    if (this.#interval === undefined) return;
    const startedAt = performance.now();
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
    this.#options.onCollected?.((performance.now() - startedAt) / 1000, errorType);
  }

  /** Milliseconds since the last collection began; `Infinity` before the first. */
  get ageMillis(): number {
    return performance.now() - this.#collectedAt;
  }

  stop(): void {
    clearInterval(this.#interval);
  }

  protected override onInitialized(): void {
    this.#interval = setInterval(() => void this.collectIntoOutbox(), Math.max(1, this.#options.intervalMillis));
    this.#interval.unref();
  }

  protected override onForceFlush(): Promise<void> {
    return this.flush(Deadline.after(this.#options.flushTimeoutMillis));
  }

  /** Flushes, and goes on: what is measured later is still collected. The SDK's own reader collects nothing after it. */
  override shutdown(): Promise<void> {
    return this.onForceFlush();
  }

  protected override onShutdown(): Promise<void> {
    return this.onForceFlush();
  }
}
