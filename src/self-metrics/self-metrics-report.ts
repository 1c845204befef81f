import type { DropReason, OutboxCounts } from '../outbox/delivery.ts';

export interface SelfMetricsShutdownOptions {
  /** Milliseconds all of it may take. Default 5000. */
  readonly timeoutMillis?: number;
  /** Ends the waiting early when it aborts. */
  readonly signal?: AbortSignal;
}

/** Counted in collections, one an interval. */
export interface SelfMetricsExporterReport {
  readonly delivered: number;
  readonly undelivered: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** Why the last attempt that failed did. */
  readonly error: Error | undefined;
}

export interface SelfMetricsReport {
  /** The last collection was delivered by every exporter; nothing was lost before. */
  readonly ok: boolean;
  /** The deadline passed, or the caller's signal aborted, before that. */
  readonly timedOut: boolean;
  readonly durationMillis: number;
  /** `undefined`: not one of the exporters. */
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
