import type { DropReason, OutboxCounts } from '../outbox/delivery.ts';
import { countOf } from '../text/count-of.ts';
import { oneLine } from '../text/one-line.ts';

export interface SelfMetricsShutdownOptions {
  /** Milliseconds the call may take in total. Default 5000. */
  readonly timeoutMillis?: number;
  /** Ends the call early when aborted. */
  readonly signal?: AbortSignal;
}

/** Counted in collections, one per interval. */
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
  /** The report in one line, for a log. */
  toString(): string;
}

export class PipelineReport implements SelfMetricsReport {
  readonly ok: boolean;
  readonly timedOut: boolean;
  readonly durationMillis: number;
  readonly file: SelfMetricsExporterReport | undefined;
  readonly otlp: SelfMetricsExporterReport | undefined;

  constructor(facts: Pick<SelfMetricsReport, 'file' | 'otlp' | 'timedOut' | 'durationMillis'>) {
    this.ok = isComplete(facts.file) && isComplete(facts.otlp);
    this.timedOut = facts.timedOut;
    this.durationMillis = facts.durationMillis;
    this.file = facts.file;
    this.otlp = facts.otlp;
  }

  /** `file: delivered 3 collections of metrics; otlp: delivered 2 …, undelivered after 500 ms: 1 … (connect ECONNREFUSED …)` */
  toString(): string {
    const parts = Object.entries({ file: this.file, otlp: this.otlp }).flatMap(([name, report]) =>
      report === undefined ? [] : [`${name}: ${describe(report, this.durationMillis)}`],
    );
    return parts.length === 0 ? 'there was nothing to deliver to' : parts.join('; ');
  }
}

const NOUN = 'collections of metrics';

function describe({ delivered, undelivered, dropped, error }: SelfMetricsExporterReport, millis: number): string {
  const lost = Object.entries(dropped).map(([reason, count]) => `${countOf(count, NOUN)} (${reason})`);
  const isLate = undelivered > 0;
  const isWhole = !isLate && lost.length === 0;
  return [
    `delivered ${countOf(delivered, NOUN)}`,
    ...(isLate ? [`undelivered after ${Math.round(millis)} ms: ${countOf(undelivered, NOUN)}`] : []),
    ...(lost.length === 0 ? [] : [`dropped: ${lost.join(', ')}`]),
  ]
    .join(', ')
    .concat(isWhole || error === undefined ? '' : ` (${oneLine(error.message)})`);
}

export function exporterReport(counts: OutboxCounts, error: Error | undefined): SelfMetricsExporterReport {
  const { delivered, waiting, dropped } = counts;
  return { delivered, undelivered: waiting, dropped, error };
}

function isComplete(report: SelfMetricsExporterReport | undefined): boolean {
  return report === undefined || (report.undelivered === 0 && Object.keys(report.dropped).length === 0);
}
