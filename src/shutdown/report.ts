import type { DropReason, OutboxCounts } from '../outbox/delivery.ts';

export interface FlushOptions {
  /** Milliseconds all of it may take. Default: `SWANSONG_SHUTDOWN_TIMEOUT`, 5000. */
  readonly timeoutMillis?: number;
  /** Ends the waiting early when it aborts. */
  readonly signal?: AbortSignal;
}

export interface ShutdownOptions extends FlushOptions {
  /** Why, for the report and the logs: "SIGTERM", "config reload", … */
  readonly reason?: string;
}

export interface SignalReport {
  /** Acknowledged by the backend since the start. */
  readonly delivered: number;
  /** Still in the outbox when the deadline passed. */
  readonly undelivered: number;
  /** Lost since the start, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** What happened. `shutdown()` and `forceFlush()` resolve with it; they neither reject nor hang. */
export interface Report {
  /** Everything was delivered: nothing undelivered, nothing dropped. */
  readonly ok: boolean;
  /** The deadline passed, or the caller's signal aborted, before everything was delivered. */
  readonly timedOut: boolean;
  readonly durationMillis: number;
  readonly reason: string | undefined;
  readonly spans: SignalReport;
  readonly logs: SignalReport;
  /** Counted in collections, one an export interval. */
  readonly metrics: SignalReport;
  /** Why something is undelivered, as far as it is known. */
  readonly errors: readonly Error[];
}

export interface SignalCounts {
  readonly spans: OutboxCounts;
  readonly logs: OutboxCounts;
  readonly metrics: OutboxCounts;
}

export function createReport(
  counts: SignalCounts,
  facts: Pick<Report, 'timedOut' | 'durationMillis' | 'reason' | 'errors'>,
): Report {
  const signals = {
    spans: toSignalReport(counts.spans),
    logs: toSignalReport(counts.logs),
    metrics: toSignalReport(counts.metrics),
  };
  const ok = Object.values(signals).every(
    ({ undelivered, dropped }) => undelivered === 0 && Object.keys(dropped).length === 0,
  );
  return { ok, ...facts, ...signals };
}

function toSignalReport({ delivered, waiting, dropped }: OutboxCounts): SignalReport {
  return { delivered, undelivered: waiting, dropped };
}

/** The report of an application that runs without the preload: there is nothing to flush. */
export const NOTHING_TO_REPORT: Report = createReport(
  { spans: noCounts(), logs: noCounts(), metrics: noCounts() },
  { timedOut: false, durationMillis: 0, reason: undefined, errors: [] },
);

function noCounts(): OutboxCounts {
  return { accepted: 0, delivered: 0, waiting: 0, dropped: {} };
}
