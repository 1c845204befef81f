import type { DropReason, OutboxCounts } from '../outbox/delivery.ts';
import { addDropped, type FlushOutcome } from '../outbox/flush-outcome.ts';
import { countOf } from '../text/count-of.ts';
import { oneLine } from '../text/one-line.ts';

/**
 * What became of the items that had ended and were not acknowledged when the call was made, of metrics also the collection that
 * the call itself makes. Nothing else is counted: neither what was delivered or lost before, nor what ended during the call.
 * `status()` counts everything since the start.
 */
export interface SignalReport {
  /** Acknowledged by the backend during the call. */
  readonly delivered: number;
  /** Neither acknowledged nor lost when the call ended; they stay in the outbox. */
  readonly undelivered: number;
  /** Lost during the call, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** What `forceFlush()` resolves with, about this call alone. It never rejects and ends at its deadline. */
export interface FlushReport {
  /** Everything that the call was about was delivered: nothing undelivered, nothing dropped, no errors. */
  readonly ok: boolean;
  /** The deadline passed, or the caller's signal aborted, before everything was delivered. */
  readonly timedOut: boolean;
  readonly durationMillis: number;
  readonly spans: SignalReport;
  readonly logs: SignalReport;
  /** Counted in collections, of which there is one per export interval. */
  readonly metrics: SignalReport;
  /**
   * Why something is undelivered: the last error of an attempt to deliver it during the call; if none was made or failed then,
   * the error for which the backend could not be reached before; else that there was no answer.
   */
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

/** Of one flush. */
export interface SignalOutcomes {
  readonly spans: FlushOutcome;
  readonly logs: FlushOutcome;
  readonly metrics: FlushOutcome;
  /** Of processors and readers that are not swansong's. */
  readonly errors?: readonly Error[];
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

  constructor(
    signals: Record<'spans' | 'logs' | 'metrics', SignalReport>,
    { timedOut, durationMillis, reason, errors }: ReportFacts,
  ) {
    this.spans = toSignalReport(signals.spans);
    this.logs = toSignalReport(signals.logs);
    this.metrics = toSignalReport(signals.metrics);
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

function toSignalReport({ delivered, undelivered, dropped }: SignalReport): SignalReport {
  return { delivered, undelivered, dropped };
}

/** The counts of an application that runs without the preload: there is nothing to flush. */
export const NO_COUNTS: OutboxCounts = { accepted: 0, delivered: 0, waiting: 0, late: 0, dropped: {} };

const NOTHING: SignalReport = { delivered: 0, undelivered: 0, dropped: {} };

/**
 * The report of a call that flushed first and shut down last: what the first delivered and lost belongs to it, and what was left
 * of the first is in the last.
 */
export function afterFlush({ spans, logs, metrics }: FlushReport, last: ShutdownReport): ShutdownReport {
  if ([spans, logs, metrics].every(({ delivered, dropped }) => delivered === 0 && Object.keys(dropped).length === 0))
    return last;
  return new TelemetryReport(
    { spans: together(spans, last.spans), logs: together(logs, last.logs), metrics: together(metrics, last.metrics) },
    last,
  );
}

function together(first: SignalReport, { delivered, undelivered, dropped: lost }: SignalReport): SignalReport {
  const dropped: Partial<Record<DropReason, number>> = { ...first.dropped };
  addDropped(dropped, lost);
  return { delivered: first.delivered + delivered, undelivered, dropped };
}

/** A report with zero counts, for an application without the preload and for a `shutdown()` that threw or hung. */
export function reportNothing(facts: Partial<ReportFacts> = {}): ShutdownReport {
  return new TelemetryReport(
    { spans: NOTHING, logs: NOTHING, metrics: NOTHING },
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
