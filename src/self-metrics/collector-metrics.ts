import { type Attributes, diag, type Meter, type ObservableCallback } from '@opentelemetry/api';
import { monotonicMillis } from '../clock/clock.ts';
import { activeResources } from './active-resources.ts';
import { errorType } from '../errors/error-type.ts';
import { INVALID_REASONS, type InvalidReason, OTHER_REASON } from './invalid-reason.ts';

/** A collector's metrics about itself. No method throws because of an invalid value. */
export interface CollectorMetrics<Reason extends string = InvalidReason> {
  /**
   * `collector.events.received`: spans, data points and log records that arrived, valid or not. A count of 0 creates the
   * series before its first event, so that a backend sees the increase from 0 to 1.
   */
  received(count: number, attributes?: Attributes): void;
  /** `collector.events.invalid`: events among them that were rejected, by reason. An undeclared reason becomes `_OTHER`. */
  invalid(count: number, attributes: Attributes & { readonly 'error.type': Reason }): void;
  /** `collector.requests.refused`: requests that were not accepted; pass `http.response.status_code`. */
  refused(count: number, attributes?: Attributes): void;
  /**
   * `collector.storage.waiting`: bytes that have been received and not yet written. Shows a storage that hangs: a write has
   * no duration until it ends.
   *
   * @param read called at each collection; returns the bytes
   * @returns stops the observation
   */
  observeWaiting(read: () => number, attributes?: Attributes): () => void;
  /**
   * Runs a write to the storage and records its duration in `collector.storage.write_duration_ms`, with `error.type` (the
   * error's code, else its class) if it threw or rejected. Returns or rejects as the write does.
   */
  timeWrite<T>(write: () => Promise<T>, attributes?: Attributes): Promise<T>;
  /** Records the duration of a write that the caller has timed; pass `error.type` if it failed. */
  recordWrite(millis: number, attributes?: Attributes): void;
}

export interface CollectorMetricsOptions<Reason extends string> {
  /** Reasons for `invalid()` in addition to `INVALID_REASONS`. */
  readonly invalidReasons?: readonly Reason[];
}

/** Milliseconds. An append to the page cache takes about 0.1, an fsync a few, an overloaded disk seconds. */
const WRITE_DURATION_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];
/** MBy, the UCUM unit, is 10⁶ bytes, not 2²⁰. */
const BYTES_PER_MEGABYTE = 1e6;

/**
 * Creates the instruments on a meter and observes resources and memory of this thread from now on.
 *
 * The total of the active resources and the counts by type are two metrics: if they were series of one metric, a backend that
 * sums it would count each resource twice.
 */
export function createCollectorMetrics<Reason extends string = never>(
  meter: Meter,
  options: CollectorMetricsOptions<Reason> = {},
): CollectorMetrics<InvalidReason | Reason> {
  const reasons: ReadonlySet<string> = new Set([...INVALID_REASONS, ...(options.invalidReasons ?? [])]);
  const received = meter.createCounter('collector.events.received', {
    description: 'Spans, data points and log records that arrived, valid or not.',
    unit: '{event}',
  });
  const invalid = meter.createCounter('collector.events.invalid', {
    description: 'Events among those received that were rejected, by error.type.',
    unit: '{event}',
  });
  const refused = meter.createCounter('collector.requests.refused', {
    description: 'Requests that were not accepted, by http.response.status_code.',
    unit: '{request}',
  });
  const waiting = meter.createObservableGauge('collector.storage.waiting', {
    description: 'What was received and waits to be written, or is being written.',
    unit: 'By',
  });
  const writes = meter.createHistogram('collector.storage.write_duration_ms', {
    description: 'Time one write to the storage took, in milliseconds; with error.type where it failed.',
    unit: 'ms',
    advice: { explicitBucketBoundaries: WRITE_DURATION_BOUNDS },
  });
  observeResources(meter);
  observeMemory(meter);

  const recordWrite = (millis: number, attributes?: Attributes): void => {
    if (isMeasure('collector.storage.write_duration_ms', millis)) writes.record(millis, attributes);
  };
  const metrics: CollectorMetrics<InvalidReason | Reason> = {
    received(count, attributes) {
      if (isMeasure('collector.events.received', count)) received.add(count, attributes);
    },
    invalid(count, attributes) {
      if (!isMeasure('collector.events.invalid', count)) return;
      const known = reasons.has(attributes['error.type']);
      invalid.add(count, known ? attributes : { ...attributes, 'error.type': OTHER_REASON });
    },
    refused(count, attributes) {
      if (isMeasure('collector.requests.refused', count)) refused.add(count, attributes);
    },
    observeWaiting(read, attributes) {
      const observe: ObservableCallback = (result) => {
        const bytes = read();
        if (isMeasure('collector.storage.waiting', bytes)) result.observe(bytes, attributes);
      };
      waiting.addCallback(observe);
      return () => waiting.removeCallback(observe);
    },
    timeWrite: (write, attributes) => timeWriteWith(metrics, write, attributes),
    recordWrite,
  };
  return metrics;
}

/** The implementation of `timeWrite()`. */
export async function timeWriteWith<T>(
  metrics: Pick<CollectorMetrics, 'recordWrite'>,
  write: () => Promise<T>,
  attributes: Attributes | undefined,
): Promise<T> {
  const startedAt = monotonicMillis();
  try {
    const result = await write();
    metrics.recordWrite(monotonicMillis() - startedAt, attributes);
    return result;
  } catch (error) {
    metrics.recordWrite(monotonicMillis() - startedAt, { ...attributes, 'error.type': errorType(error) });
    throw error;
  }
}

/** A NaN would make a sum NaN for ever, and a negative number would look like a restart. */
function isMeasure(name: string, value: number): boolean {
  if (Number.isFinite(value) && value >= 0) return true;
  diag.warn(`${name}: expected a number from 0 (got ${String(value)}), ignoring it`);
  return false;
}

function observeResources(meter: Meter): void {
  const total = meter.createObservableGauge('collector.active_resources', {
    description:
      "What keeps the event loop of this thread alive: handles, requests and timers (process.getActiveResourcesInfo()). Node's counterpart of a goroutine count.",
    unit: '{resource}',
  });
  const byType = meter.createObservableGauge('collector.active_resources_by_type', {
    description: 'The same by resource.type, such as Timeout or TCPSocketWrap.',
    unit: '{resource}',
  });
  meter.addBatchObservableCallback(
    (result) => {
      const resources = activeResources();
      result.observe(total, resources.total);
      for (const [type, count] of resources.byType) result.observe(byType, count, { 'resource.type': type });
    },
    [total, byType],
  );
}

function observeMemory(meter: Meter): void {
  const heap = meter.createObservableGauge('collector.memory.alloc_mb', {
    description: 'Heap in use by JavaScript of this thread, in megabytes of 10^6 bytes.',
    unit: 'MBy',
  });
  const resident = meter.createObservableGauge('collector.memory.rss_mb', {
    description: 'Memory of the process that is resident (RSS), in megabytes of 10^6 bytes.',
    unit: 'MBy',
  });
  meter.addBatchObservableCallback(
    (result) => {
      const { heapUsed, rss } = process.memoryUsage();
      result.observe(heap, heapUsed / BYTES_PER_MEGABYTE);
      result.observe(resident, rss / BYTES_PER_MEGABYTE);
    },
    [heap, resident],
  );
}
