import { diag } from '@opentelemetry/api';
import { MetricReader, type MetricReaderOptions, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { afterMicrotasks, clearInterval, monotonicMillis, setInterval } from '../clock/clock.ts';
import { Deadline } from '../deadline/deadline.ts';
import { CollectedValues } from './collected-values.ts';
import type { FlushOutcome } from './flush-outcome.ts';
import type { Outbox } from './outbox.ts';
import { StartedResources } from './started-resources.ts';

export interface OutboxMetricReaderOptions extends MetricReaderOptions {
  readonly outbox: Outbox<ResourceMetrics>;
  /** Milliseconds between two collections. */
  readonly intervalMillis: number;
  /** Milliseconds after which a collection does not wait any longer for asynchronous observable callbacks. */
  readonly collectTimeoutMillis: number;
  readonly flushTimeoutMillis: number;
  /** Instrumentation scopes that `collectLast` ignores when it looks for new values, since their metrics change all the time. */
  readonly processScopes?: ReadonlySet<string>;
  /** Called after each collection with its duration in seconds and, if it failed, the `error.type`. */
  readonly onCollected?: (seconds: number, errorType: string | undefined) => void;
}

export interface LastCollectionOptions {
  /** Milliseconds to wait for asynchronous observables; afterwards the others are collected. */
  readonly timeoutMillis: number;
  /** @param hasNewValues whether the collection differs from the last one */
  readonly isWanted: (hasNewValues: boolean) => boolean;
}

interface CollectOptions {
  readonly isWanted?: (collected: ResourceMetrics) => boolean;
  readonly atOnce?: boolean;
}

/**
 * Collects at each interval and puts the result into an outbox. Used instead of the SDK's `PeriodicExportingMetricReader`,
 * which discards an interval whose export failed: with delta temporality that is lost data.
 */
export class OutboxMetricReader extends MetricReader {
  readonly #options: OutboxMetricReaderOptions;
  #interval: NodeJS.Timeout | undefined;
  readonly #values: CollectedValues;
  #isOver = false;

  constructor(options: OutboxMetricReaderOptions) {
    super(options);
    this.#options = options;
    this.#values = new CollectedValues(options.processScopes ?? new Set());
  }

  /**
   * Collects the current interval, and waits until it has been delivered or the deadline has passed.
   * @returns the outcome for this collection and for those that were waiting already
   */
  async flush(deadline: Deadline): Promise<FlushOutcome> {
    const collected = await deadline.race(this.#collectIntoOutbox(this.#options.collectTimeoutMillis));
    const outcome = await this.#options.outbox.flush(deadline);
    return collected.expired ? { ...outcome, undelivered: outcome.undelivered + 1 } : outcome;
  }

  /**
   * Collects the last, unfinished interval when the event loop has drained; to be called for each `beforeExit`. If all observables
   * respond synchronously, collecting takes only microtasks: the event loop does not run again, and another `beforeExit` is caused
   * only by the application, which may have recorded something. An observable that responds later, or a callback that starts what
   * cannot be unreferenced (a file read), makes the event loop run, so that `beforeExit` would be emitted again and again: then this
   * collection is the last one. It keeps the process alive until all observables have responded, at most for `timeoutMillis`, and
   * resources that callbacks have started do not keep it alive longer.
   */
  collectLast({ timeoutMillis, isWanted }: LastCollectionOptions): void {
    if (this.#isOver) return;
    const started = new StartedResources();
    let settled = false;
    const collecting = started
      .watch(() =>
        this.#collectIntoOutbox(timeoutMillis, {
          isWanted: (collected) => isWanted(this.#values.differFrom(collected)),
          // A delivery in progress when the process ends is repeated then.
          atOnce: false,
        }),
      )
      .then(() => {
        settled = true;
      });
    afterMicrotasks(() => {
      if (settled) {
        this.#isOver = started.release();
        return;
      }
      this.#isOver = true;
      // After the SDK's own time limit, so that the other metrics are in the outbox by then.
      void Deadline.after(timeoutMillis + MARGIN_MILLIS)
        .race(collecting)
        .then(() => started.release());
    });
  }

  async #collectIntoOutbox(
    timeoutMillis: number,
    { isWanted = () => true, atOnce = true }: CollectOptions = {},
  ): Promise<void> {
    // The reader is not registered with a provider: there is nothing to collect.
    if (this.#interval === undefined) return;
    const startedAt = monotonicMillis();
    let errorType: string | undefined;
    try {
      const { resourceMetrics, errors } = await this.collect({ timeoutMillis });
      for (const error of errors) diag.warn('a metric could not be collected', error);
      if (errors.length > 0) errorType = 'partial';
      if (resourceMetrics.scopeMetrics.length > 0 && isWanted(resourceMetrics)) {
        this.#values.remember(resourceMetrics);
        this.#options.outbox.add(resourceMetrics, { atOnce });
      }
    } catch (error) {
      diag.warn('metrics could not be collected', error);
      errorType = error instanceof Error ? error.name : '_OTHER';
    }
    this.#options.onCollected?.((monotonicMillis() - startedAt) / 1000, errorType);
  }

  stop(): void {
    clearInterval(this.#interval);
  }

  protected override onInitialized(): void {
    this.#interval = setInterval(
      () => void this.#collectIntoOutbox(this.#options.collectTimeoutMillis),
      Math.max(1, this.#options.intervalMillis),
    );
    this.#interval.unref();
  }

  protected override async onForceFlush(): Promise<void> {
    await this.flush(Deadline.after(this.#options.flushTimeoutMillis));
  }

  /** Flushes, and continues to collect, unlike the SDK's own reader. */
  override shutdown(): Promise<void> {
    return this.onForceFlush();
  }

  protected override onShutdown(): Promise<void> {
    return this.onForceFlush();
  }
}

const MARGIN_MILLIS = 100;
