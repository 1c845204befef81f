import { type Attributes, diag, type Meter, type ObservableCallback } from '@opentelemetry/api';
import { inspect } from 'node:util';
import { monotonicMillis } from '../clock/clock.ts';
import { activeResources } from './process-metrics.ts';
import { errorType } from '../errors/error-type.ts';
import { isObject } from '../values/is-object.ts';
import { unknownKey } from '../values/unknown-key.ts';
import { INVALID_REASONS, type InvalidReason, OTHER_REASON, REASONS_OF_SIGNAL } from './invalid-reason.ts';
import { recordableAttributes } from './recordable-attributes.ts';

/**
 * A collector's metrics about itself. No method throws because of an invalid value: a count that is none is ignored, an attribute that no
 * metric can have (a bigint, an object) is left out, both with a warning of `diag`.
 */
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
  /**
   * The attributes with which events will be counted, `error.type` aside: `[{ signal: 'traces' }, { signal: 'logs' }]`. With each of them
   * the counters of events begin at 0, those of the invalid ones for each reason. So a dashboard has data before the first event, and a
   * backend sees the increase from 0 to 1. Default: once without attributes. `[]`: nothing before the first event.
   */
  readonly series?: readonly Attributes[];
  /** Reasons for `invalid()` in addition to `INVALID_REASONS`. */
  readonly invalidReasons?: readonly Reason[];
}

/** Milliseconds. An append to the page cache takes about 0.1, an fsync a few, an overloaded disk seconds. */
const WRITE_DURATION_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];
/** MBy, the UCUM unit, is 10⁶ bytes, not 2²⁰. */
const BYTES_PER_MEGABYTE = 1e6;
const WRITE_DURATION = 'collector.storage.write_duration_ms';

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
  checkOptions(options);
  const { series = [{}], invalidReasons = [] } = options;
  const reasons: ReadonlySet<string> = new Set([...INVALID_REASONS, ...invalidReasons]);
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
  const writes = meter.createHistogram(WRITE_DURATION, {
    description: 'Time one write to the storage took, in milliseconds; with error.type where it failed.',
    unit: 'ms',
    advice: { explicitBucketBoundaries: WRITE_DURATION_BOUNDS },
  });
  for (const declared of series) {
    const { 'error.type': _reason, ...attributes } = recordableAttributes('series', declared);
    received.add(0, attributes);
    for (const reason of reasonsOf(attributes['signal'], invalidReasons)) {
      invalid.add(0, { 'error.type': reason, ...attributes });
    }
  }
  observeResources(meter);
  observeMemory(meter);

  const recordWrite = (millis: number, attributes?: Attributes): void => {
    if (isMeasure(WRITE_DURATION, millis)) writes.record(millis, recordableAttributes(WRITE_DURATION, attributes));
  };
  const metrics: CollectorMetrics<InvalidReason | Reason> = {
    received(count, attributes) {
      const name = 'collector.events.received';
      if (isMeasure(name, count)) received.add(count, recordableAttributes(name, attributes));
    },
    invalid(count, attributes) {
      const name = 'collector.events.invalid';
      if (!isMeasure(name, count)) return;
      const recordable = recordableAttributes(name, attributes);
      const reason = recordable['error.type'];
      const isKnown = typeof reason === 'string' && reasons.has(reason);
      invalid.add(count, isKnown ? recordable : { ...recordable, 'error.type': OTHER_REASON });
    },
    refused(count, attributes) {
      const name = 'collector.requests.refused';
      if (isMeasure(name, count)) refused.add(count, recordableAttributes(name, attributes));
    },
    observeWaiting(read, attributes) {
      const name = 'collector.storage.waiting';
      const recordable = recordableAttributes(name, attributes);
      const observe: ObservableCallback = (result) => {
        const bytes = read();
        if (isMeasure(name, bytes)) result.observe(bytes, recordable);
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
    const recordable = recordableAttributes(WRITE_DURATION, attributes);
    metrics.recordWrite(monotonicMillis() - startedAt, { ...recordable, 'error.type': errorType(error) });
    throw error;
  }
}

/** The closed list, as far as the signal can have them, and those that the program declares. */
function reasonsOf(signal: unknown, declared: readonly string[]): readonly string[] {
  if (signal !== 'traces' && signal !== 'metrics' && signal !== 'logs') return [...INVALID_REASONS, ...declared];
  return [...REASONS_OF_SIGNAL[signal], ...declared, OTHER_REASON];
}

const NAMES: Readonly<Record<keyof CollectorMetricsOptions<string>, true>> = { series: true, invalidReasons: true };

/** @throws TypeError that names the option and what was expected */
export function checkOptions(options: unknown): void {
  if (!isObject(options)) return refuse('options', `an object (got ${inspect(options)})`);
  const unknown = unknownKey(options, NAMES);
  if (unknown !== undefined) return refuse(unknown, `one of the options ${Object.keys(NAMES).join(', ')}`);
  const { series, invalidReasons }: { series?: unknown; invalidReasons?: unknown } = options;
  if (series !== undefined && !(Array.isArray(series) && series.every(isObject))) {
    refuse('series', `a list of attributes (got ${inspect(series, { depth: 0 })})`);
  }
  const isText = (reason: unknown): boolean => typeof reason === 'string';
  if (invalidReasons !== undefined && !(Array.isArray(invalidReasons) && invalidReasons.every(isText))) {
    refuse('invalidReasons', `a list of texts (got ${inspect(invalidReasons, { depth: 0 })})`);
  }
}

function refuse(name: string, expected: string): never {
  throw new TypeError(`${name}: expected ${expected}; nothing was created`);
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
