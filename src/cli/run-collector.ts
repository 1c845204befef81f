import type { CollectorOptions } from '../collector/collector-options.ts';
import { type Collector, type FlushableTelemetry, startCollector } from '../collector/start-collector.ts';
import type { CollectorMetrics } from '../self-metrics/collector-metrics.ts';
import { countOf } from '../text/count-of.ts';
import { CollectorStatistics } from './collector-statistics.ts';
import { StatusLine } from './status-line.ts';

/** The running self-metrics of the collector. */
export interface CollectorSelfMetrics {
  readonly metrics: CollectorMetrics;
  readonly telemetry: FlushableTelemetry;
  /** The URL of their HTTP endpoint once it listens; undefined without one. */
  readonly listening: Promise<string | undefined>;
}

export interface Terminal {
  readonly isTerminal: boolean;
  out(text: string): void;
  error(text: string): void;
}

/** Runs a collector until the signal. @returns whether everything that it accepted is written */
export async function runCollector(
  options: CollectorOptions,
  selfMetrics: CollectorSelfMetrics | undefined,
  receivedSignal: () => Promise<void>,
  terminal: Terminal,
): Promise<boolean> {
  // Before anything else, so that a signal during the start is not lost.
  const ending = receivedSignal();
  const statistics = new CollectorStatistics(selfMetrics?.metrics);
  let statusLine: StatusLine | undefined;
  const report = (line: string): void => {
    // On a terminal stdout and stderr share the screen, so the line must be printed above the status line.
    if (statusLine === undefined) terminal.error(`swansong collector: ${line}\n`);
    else statusLine.print(`swansong collector: ${line}`);
  };
  const collector = await startCollector({ ...options, metrics: statistics, report }).catch(async (error: unknown) => {
    await selfMetrics?.telemetry.shutdown({});
    throw error;
  });
  terminal.out(`swansong collector listening on ${collector.url}\n`);
  terminal.out(`writing traces.jsonl, metrics.jsonl and logs.jsonl in ${collector.directory}\n`);
  const selfMetricsUrl = await selfMetrics?.listening;
  if (selfMetricsUrl !== undefined) terminal.out(`self-metrics at ${selfMetricsUrl}/metrics\n`);
  if (terminal.isTerminal) statusLine = new StatusLine(statistics, (text) => terminal.out(text));

  await ending;
  statusLine?.stop();
  statusLine = undefined;
  const { ok, errors, closed } = await collector.close(selfMetrics?.telemetry);
  if (!ok) for (const { message } of errors) report(message);
  terminal.out(`${summary(collector)}\n`);
  // A connection closed at the deadline is no failure: its request was not answered, so its client sends it again.
  return closed.every((step) => step.ok);
}

function summary(collector: Collector): string {
  const { traces, metrics, logs } = collector.counts();
  const all = [traces, metrics, logs];
  const accepted = all.reduce((sum, { requests }) => sum + requests, 0);
  const rejected = all.reduce((sum, counts) => sum + counts.rejected, 0);
  const refused = all.reduce((sum, counts) => sum + counts.refused, 0);
  const items = [
    countOf(traces.items, 'spans'),
    countOf(metrics.items, 'data points'),
    countOf(logs.items, 'log records'),
  ].join(', ');
  const invalid = rejected === 0 ? '' : `; rejected ${countOf(rejected, 'invalid items')}`;
  return `accepted ${countOf(accepted, 'requests')}: ${items}${invalid}; refused ${countOf(refused, 'requests')}`;
}
