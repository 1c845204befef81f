import type { DropReason, OutboxCounts } from '../outbox/delivery.ts';
import { describeReport } from './describe-report.ts';

export interface FlushOptions {
  /** Milliseconds all of it may take. Default: `SWANSONG_SHUTDOWN_TIMEOUT`, 5000. */
  readonly timeoutMillis?: number;
  /** Ends the waiting early when it aborts. */
  readonly signal?: AbortSignal;
}

export interface ShutdownOptions extends FlushOptions {
  /** Why, for the report and the lifecycle events: "config reload", or the name of a signal: "SIGTERM". */
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

/** What happened. `forceFlush()` resolves with it; it neither rejects nor hangs. */
export interface FlushReport {
  /** Everything was delivered: nothing undelivered, nothing dropped. */
  readonly ok: boolean;
  /** The deadline passed, or the caller's signal aborted, before everything was delivered. */
  readonly timedOut: boolean;
  readonly durationMillis: number;
  readonly spans: SignalReport;
  readonly logs: SignalReport;
  /** Counted in collections, one an export interval. */
  readonly metrics: SignalReport;
  /** Why something is undelivered, as far as it is known. */
  readonly errors: readonly Error[];
  /** All of it in one line, for a log. */
  toString(): string;
}

/** What happened. `shutdown()` resolves with it; it neither rejects nor hangs. */
export interface ShutdownReport extends FlushReport {
  /** The caller's. */
  readonly reason: string | undefined;
}

export interface SignalCounts {
  readonly spans: OutboxCounts;
  readonly logs: OutboxCounts;
  readonly metrics: OutboxCounts;
}

export interface ReportFacts {
  readonly timedOut: boolean;
  readonly durationMillis: number;
  readonly reason: string | undefined;
  readonly errors: readonly Error[];
}

export class TelemetryReport implements ShutdownReport {
  readonly ok: boolean;
  readonly timedOut: boolean;
  readonly durationMillis: number;
  readonly reason: string | undefined;
  readonly spans: SignalReport;
  readonly logs: SignalReport;
  readonly metrics: SignalReport;
  readonly errors: readonly Error[];

  constructor(counts: SignalCounts, { timedOut, durationMillis, reason, errors }: ReportFacts) {
    this.spans = toSignalReport(counts.spans);
    this.logs = toSignalReport(counts.logs);
    this.metrics = toSignalReport(counts.metrics);
    this.timedOut = timedOut;
    this.durationMillis = durationMillis;
    this.reason = reason;
    this.errors = errors;
    this.ok =
      errors.length === 0 &&
      [this.spans, this.logs, this.metrics].every(
        ({ undelivered, dropped }) => undelivered === 0 && Object.keys(dropped).length === 0,
      );
  }

  toString(): string {
    return describeReport(this);
  }
}

function toSignalReport({ delivered, waiting, dropped }: OutboxCounts): SignalReport {
  return { delivered, undelivered: waiting, dropped };
}

/** Of an application that runs without the preload: there is nothing to flush. */
export const NO_COUNTS: OutboxCounts = { accepted: 0, delivered: 0, waiting: 0, late: 0, dropped: {} };

/** A report of nothing delivered, for where there is no telemetry or none that answers. */
export function reportNothing(facts: Partial<ReportFacts> = {}): ShutdownReport {
  return new TelemetryReport(
    { spans: NO_COUNTS, logs: NO_COUNTS, metrics: NO_COUNTS },
    { timedOut: false, durationMillis: 0, reason: undefined, errors: [], ...facts },
  );
}
