import type { DropReason, OutboxCounts } from '../outbox/delivery.ts';
import { countOf } from '../text/count-of.ts';
import { oneLine } from '../text/one-line.ts';

export interface SignalReport {
  /** Acknowledged by the backend since the start. */
  readonly delivered: number;
  /** Still in the outbox when the deadline passed. */
  readonly undelivered: number;
  /** Lost since the start, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** What `forceFlush()` resolves with. It never rejects and ends at its deadline. */
export interface FlushReport {
  /** Everything was delivered: nothing undelivered, nothing dropped. */
  readonly ok: boolean;
  /** The deadline passed, or the caller's signal aborted, before everything was delivered. */
  readonly timedOut: boolean;
  readonly durationMillis: number;
  readonly spans: SignalReport;
  readonly logs: SignalReport;
  /** Counted in collections, of which there is one per export interval. */
  readonly metrics: SignalReport;
  /** Why something is undelivered, if known. */
  readonly errors: readonly Error[];
  /** The report in one line, for a log. */
  toString(): string;
}

/** What `shutdown()` resolves with. It never rejects and ends at its deadline. */
export interface ShutdownReport extends FlushReport {
  /** The option `reason` of the call. */
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

/** The counts of an application that runs without the preload: there is nothing to flush. */
export const NO_COUNTS: OutboxCounts = { accepted: 0, delivered: 0, waiting: 0, late: 0, dropped: {} };

/** A report with zero counts, for an application without the preload and for a `shutdown()` that threw or hung. */
export function reportNothing(facts: Partial<ReportFacts> = {}): ShutdownReport {
  return new TelemetryReport(
    { spans: NO_COUNTS, logs: NO_COUNTS, metrics: NO_COUNTS },
    { timedOut: false, durationMillis: 0, reason: undefined, errors: [], ...facts },
  );
}

/**
 * A report in one line: `delivered 12 spans, 3 log records, 2 collections of metrics; undelivered after 500 ms: 4 spans
 * (connect ECONNREFUSED 127.0.0.1:4318); dropped: 3 spans (queue_full)`.
 */
function describeReport({ spans, logs, metrics, durationMillis, errors }: FlushReport): string {
  const signals: readonly (readonly [string, SignalReport])[] = [
    ['spans', spans],
    ['log records', logs],
    ['collections of metrics', metrics],
  ];
  const delivered = signals.map(([noun, signal]) => countOf(signal.delivered, noun)).join(', ');
  const undelivered = signals.flatMap(([noun, signal]) =>
    signal.undelivered === 0 ? [] : [countOf(signal.undelivered, noun)],
  );
  const dropped = signals.flatMap(([noun, signal]) =>
    Object.entries(signal.dropped).map(([reason, count]) => `${countOf(count, noun)} (${reason})`),
  );
  const why = errors.length === 0 ? '' : ` (${errors.map(({ message }) => oneLine(message)).join('; ')})`;
  return [
    `delivered ${delivered}`,
    ...(undelivered.length === 0
      ? []
      : [`undelivered after ${Math.round(durationMillis)} ms: ${undelivered.join(', ')}`]),
    ...(dropped.length === 0 ? [] : [`dropped: ${dropped.join(', ')}`]),
  ]
    .join('; ')
    .concat(why);
}
