import type { DropReason, OutboxCounts } from '../outbox/delivery.ts';

export interface SelfMetricsShutdownOptions {
  /** Milliseconds the call may take in total. Default 5000. */
  readonly timeoutMillis?: number;
  /** Ends the call early when aborted. */
  readonly signal?: AbortSignal;
}

/** Counted in collections, of which there is one per interval. */
export interface SelfMetricsExporterReport {
  readonly delivered: number;
  readonly undelivered: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** The error of the last attempt that failed. */
  readonly error: Error | undefined;
}

export interface SelfMetricsReport {
  /** Every exporter has delivered all collections, the last one included. */
  readonly ok: boolean;
  /** The deadline passed, or the caller's signal aborted, before everything was delivered. */
  readonly timedOut: boolean;
  readonly durationMillis: number;
  /** `undefined` if there is no such exporter; the same for `otlp`. */
  readonly file: SelfMetricsExporterReport | undefined;
  readonly otlp: SelfMetricsExporterReport | undefined;
}

export function exporterReport(counts: OutboxCounts, error: Error | undefined): SelfMetricsExporterReport {
  const { delivered, waiting, dropped } = counts;
  return { delivered, undelivered: waiting, dropped, error };
}

export function isComplete(report: SelfMetricsExporterReport | undefined): boolean {
  return report === undefined || (report.undelivered === 0 && Object.keys(report.dropped).length === 0);
}
