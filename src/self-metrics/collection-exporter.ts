import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Deadline } from '../deadline/deadline.ts';
import { BackendHealth } from '../outbox/backend-health.ts';
import type { Deliver, OutboxCounts } from '../outbox/delivery.ts';
import { OutboxMetricReader } from '../outbox/metric-reader.ts';
import { Outbox } from '../outbox/outbox.ts';
import { reportDrops } from '../outbox/report-drops.ts';

/** Collections that are kept while they cannot be delivered: with the default interval of 60 s, those of 16 minutes. */
const COLLECTIONS_KEPT = 16;
/** Milliseconds after which a collection does not wait any longer for asynchronous observables. */
export const COLLECT_TIMEOUT_MILLIS = 2000;

export interface CollectionExporterOptions {
  /** The destination, for messages; without credentials. */
  readonly name: string;
  readonly intervalMillis: number;
  /** Milliseconds one attempt may take. `Infinity` for a file, since a write cannot be cancelled. */
  readonly attemptTimeoutMillis: number;
  readonly deliver: Deliver<ResourceMetrics>;
  readonly report: (line: string) => void;
}

/** A reader that collects every interval, and the outbox where collections wait until they are delivered. */
export class CollectionExporter {
  readonly reader: OutboxMetricReader;
  readonly #outbox: Outbox<ResourceMetrics>;
  readonly #health: BackendHealth;

  constructor({ name, intervalMillis, attemptTimeoutMillis, deliver, report }: CollectionExporterOptions) {
    this.#health = new BackendHealth(name, { warn: report, info: report });
    this.#outbox = new Outbox<ResourceMetrics>({
      maxQueueSize: COLLECTIONS_KEPT,
      // One at a time and in order: backends refuse points of one series that go back in time.
      maxBatchSize: 1,
      maxInFlight: 1,
      scheduleDelayMillis: 0,
      attemptTimeoutMillis,
      deliver,
      onDelivered: () => this.#health.succeeded(),
      onFailed: (error) => this.failed(error),
      onDropped: reportDrops(`collections for ${name}`, name, report),
    });
    this.reader = new OutboxMetricReader({
      outbox: this.#outbox,
      intervalMillis,
      collectTimeoutMillis: COLLECT_TIMEOUT_MILLIS,
      flushTimeoutMillis: COLLECT_TIMEOUT_MILLIS,
    });
  }

  get lastError(): Error | undefined {
    return this.#health.lastError;
  }

  counts(): OutboxCounts {
    return this.#outbox.counts();
  }

  failed(error: Error): void {
    this.#health.failed(error);
  }

  /** Removes and returns what is not delivered, for the synchronous write at exit. */
  takeOut(): readonly ResourceMetrics[] {
    return this.#outbox.takeOut().flat();
  }

  /** Collects once more, delivers everything that waits within the deadline, and stops. */
  async finish(deadline: Deadline): Promise<void> {
    await this.reader.flush(deadline);
    this.reader.stop();
    this.#outbox.stop();
  }
}
