import { type Attributes, diag } from '@opentelemetry/api';
import type { BatchConfig } from '../../config/config.ts';
import { DISTRIBUTION_NAME } from '../../config/distribution.ts';
import { isLogScope } from '../../config/log-sources.ts';
import type { FinalExport } from '../../exit/final-export.ts';
import type { BackendHealth } from '../../outbox/backend-health.ts';
import type { DropReason, OutboxCounts } from '../../outbox/delivery.ts';
import { addDropped } from '../../outbox/flush-outcome.ts';
import { Outbox } from '../../outbox/outbox.ts';
import { reportDrops } from '../../outbox/report-drops.ts';
import { ExportObserver } from '../../sdk-metrics/export-observer.ts';
import type { ExportPath } from '../../sdk-metrics/observe-sdk.ts';
import type { LateItems } from '../../shutdown/late-items.ts';
import { afterResources } from './after-resources.ts';
import type { SignalKind } from './signal-kinds.ts';
import type { Transport } from './transport.ts';

export interface ExportPipelineOptions<T> {
  readonly signal: SignalKind<T>;
  readonly transport: Transport<T>;
  readonly batch: BatchConfig;
  /** Milliseconds one request may take. */
  readonly timeoutMillis: number;
  /** Requests under way at once while the backend is well. */
  readonly maxInFlight: number;
  /** Undefined if there is no backend (standard output). */
  readonly health: BackendHealth | undefined;
  readonly late: LateItems;
  /** `otel.component.type`, as of the exporter that this pipeline replaces. */
  readonly exporterType: string;
  /** `server.address` and `server.port` of the backend; empty if there is no server. */
  readonly server: Attributes;
}

/** Delivers one signal to one destination: an outbox, and its transport while the process runs and when it ends. */
export interface ExportPipeline<T> {
  readonly outbox: Outbox<T>;
  readonly finalExport: FinalExport;
  readonly path: ExportPath;
}

export function createExportPipeline<T>(options: ExportPipelineOptions<T>): ExportPipeline<T> {
  const { signal, transport, batch, health, late, exporterType, server } = options;
  const { noun } = signal;
  const exports = new ExportObserver<T>((items) => signal.sizeOf(items));
  const outbox = new Outbox<T>({
    maxQueueSize: batch.maxQueueSize,
    maxBatchSize: batch.maxExportBatchSize,
    maxInFlight: options.maxInFlight,
    scheduleDelayMillis: batch.scheduleDelayMillis,
    attemptTimeoutMillis: Math.min(batch.exportTimeoutMillis, options.timeoutMillis),
    deliver: exports.watch(afterResources(transport.deliver, (item) => signal.resource(item))),
    onAddedAfterStop(item) {
      const scope = signal.scope(item);
      // Not for swansong's own items: the user cannot change when they are emitted. Nor for a line that says goodbye.
      if (scope !== DISTRIBUTION_NAME && !isLogScope(scope)) late.add(noun, scope);
    },
    onDelivered: () => health?.succeeded(),
    onFailed: (error) => health?.failed(error),
    onDropped: reportDrops(noun, 'the backend', (line) => diag.warn(line)),
  });
  return {
    outbox,
    finalExport: {
      noun,
      maxInFlight: options.maxInFlight,
      takeBatches: () =>
        outbox.takeOut().map((items) => ({
          items: items.length,
          prepare() {
            if (transport.finalDelivery === undefined) throw new Error('its exporter cannot deliver at the end');
            return transport.finalDelivery(items);
          },
        })),
    },
    path: { signal: signal.exported, exporterType, server, figures: () => outbox.figures(), exports },
  };
}

/** The counts of one signal over all its outboxes: an item that goes to two destinations counts twice. */
export function addCounts(outboxes: readonly { counts(): OutboxCounts }[]): OutboxCounts {
  const total = { accepted: 0, delivered: 0, waiting: 0, late: 0 };
  const dropped: Partial<Record<DropReason, number>> = {};
  for (const outbox of outboxes) {
    const counts = outbox.counts();
    total.accepted += counts.accepted;
    total.delivered += counts.delivered;
    total.waiting += counts.waiting;
    total.late += counts.late;
    addDropped(dropped, counts.dropped);
  }
  return { ...total, dropped };
}
