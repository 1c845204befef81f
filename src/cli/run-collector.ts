import type { CollectorOptions } from '../collector/collector-options.ts';
import { type Collector, type FlushableTelemetry, startCollector } from '../collector/start-collector.ts';
import type { CollectorMetrics } from '../self-metrics/collector-metrics.ts';
import { CollectorStatistics } from './collector-statistics.ts';
import { StatusLine } from './status-line.ts';

/** What watches the collector, on a pipeline of its own. */
export interface Watching {
  readonly metrics: CollectorMetrics;
  readonly telemetry: FlushableTelemetry;
  /** Where its figures can be read, if they can and once they can. */
  readonly listening: Promise<string | undefined>;
}

export interface Terminal {
  readonly isTerminal: boolean;
  out(text: string): void;
  error(text: string): void;
}

/** Runs a collector until the signal. @returns whether everything it had accepted is written */
export async function runCollector(
  options: CollectorOptions,
  watching: Watching | undefined,
  signalled: () => Promise<void>,
  terminal: Terminal,
): Promise<boolean> {
  // From the very start: a signal that comes while it starts is not lost.
  const ended = signalled();
  const statistics = new CollectorStatistics(watching?.metrics);
  let statusLine: StatusLine | undefined;
  const report = (line: string): void => {
    // On a terminal both streams are the same screen.
    if (statusLine === undefined) terminal.error(`swansong collector: ${line}\n`);
    else statusLine.print(`swansong collector: ${line}`);
  };
  const collector = await startCollector({ ...options, metrics: statistics, report }).catch(async (error: unknown) => {
    await watching?.telemetry.shutdown({});
    throw error;
  });
  terminal.out(`swansong collector listening on ${collector.url}\n`);
  terminal.out(`writing traces.jsonl, metrics.jsonl and logs.jsonl in ${collector.directory}\n`);
  const figures = await watching?.listening;
  if (figures !== undefined) terminal.out(`telling about itself at ${figures}/metrics\n`);
  if (terminal.isTerminal) statusLine = new StatusLine(statistics, (text) => terminal.out(text));

  await ended;
  statusLine?.stop();
  statusLine = undefined;
  const { ok, errors, closed } = await collector.close(watching?.telemetry);
  if (!ok) for (const { message } of errors) report(message);
  terminal.out(`${summary(collector)}\n`);
  // A connection that was cut at the end has not been answered: its client sends again. That is no failure of ours.
  return closed.every((step) => step.ok);
}

function summary(collector: Collector): string {
  const { traces, metrics, logs } = collector.counts();
  const all = [traces, metrics, logs];
  const accepted = all.reduce((sum, { requests }) => sum + requests, 0);
  const rejected = all.reduce((sum, counts) => sum + counts.rejected, 0);
  const refused = all.reduce((sum, counts) => sum + counts.refused, 0);
  const items = [
    counted(traces.items, 'span'),
    counted(metrics.items, 'data point'),
    counted(logs.items, 'log record'),
  ].join(', ');
  const invalid = rejected === 0 ? '' : `; rejected ${counted(rejected, 'invalid item')}`;
  return `accepted ${counted(accepted, 'request')}: ${items}${invalid}; refused ${counted(refused, 'request')}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
