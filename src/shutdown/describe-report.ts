import { countOf } from '../text/count-of.ts';
import { oneLine } from '../text/one-line.ts';
import type { FlushReport, SignalReport } from './report.ts';

/**
 * A report in one line: `delivered 12 spans, 3 log records, 2 collections of metrics; undelivered after 500 ms: 4 spans
 * (connect ECONNREFUSED 127.0.0.1:4318); dropped: 3 spans (queue_full)`.
 */
export function describeReport({ spans, logs, metrics, durationMillis, errors }: FlushReport): string {
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
