import { diag } from '@opentelemetry/api';
import type { BatchConfig, OtlpConfig } from '../config/config.ts';
import type { BackendHealth } from '../outbox/backend-health.ts';
import type { Deliver, DropReason, OutboxCounts } from '../outbox/delivery.ts';
import { Outbox } from '../outbox/outbox.ts';
import { reportDrops } from '../outbox/report-drops.ts';

/**
 * Requests under way at once. One batch a round trip would cap a backend 100 ms away at 5 120 spans a second; ten, the
 * number of consumers of the OpenTelemetry Collector's own sending queue, lift that to 51 200.
 */
export const MAX_IN_FLIGHT = 10;

export interface OutboxSettings<T> {
  readonly noun: string;
  readonly deliver: Deliver<T>;
  readonly batch: BatchConfig;
  readonly otlp: OtlpConfig;
  readonly maxInFlight: number;
  readonly health: BackendHealth | undefined;
  readonly onLate?: (item: T) => void;
}

/** An outbox that tells the backend's health, and the first loss of each kind, in one line each. */
export function createOutbox<T>(settings: OutboxSettings<T>): Outbox<T> {
  const { noun, batch, otlp, health } = settings;
  return new Outbox<T>({
    maxQueueSize: batch.maxQueueSize,
    maxBatchSize: batch.maxExportBatchSize,
    maxInFlight: settings.maxInFlight,
    scheduleDelayMillis: batch.scheduleDelayMillis,
    attemptTimeoutMillis: Math.min(batch.exportTimeoutMillis, otlp.timeoutMillis),
    deliver: settings.deliver,
    ...(settings.onLate === undefined ? {} : { onLate: settings.onLate }),
    onDelivered: () => health?.succeeded(),
    onFailed: (error) => health?.failed(error),
    onDropped: reportDrops(noun, 'the backend', (line) => diag.warn(line)),
  });
}

/** The counts of one signal over all its outboxes: an item that goes to two exporters counts twice. */
export function addCounts(outboxes: readonly { counts(): OutboxCounts }[]): OutboxCounts {
  const total = { accepted: 0, delivered: 0, waiting: 0, late: 0 };
  const dropped: Partial<Record<DropReason, number>> = {};
  for (const outbox of outboxes) {
    const counts = outbox.counts();
    total.accepted += counts.accepted;
    total.delivered += counts.delivered;
    total.waiting += counts.waiting;
    total.late += counts.late;
    for (const reason of DROP_REASONS) {
      const count = counts.dropped[reason];
      if (count !== undefined) dropped[reason] = (dropped[reason] ?? 0) + count;
    }
  }
  return { ...total, dropped };
}

const DROP_REASONS: readonly DropReason[] = ['queue_full', 'rejected', 'refused', 'too_large'];
