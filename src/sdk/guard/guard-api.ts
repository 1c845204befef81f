import { guardLogs } from './guard-logs.ts';
import { guardMetrics } from './guard-metrics.ts';
import { guardTracing } from './guard-tracing.ts';

type Signal = 'traces' | 'metrics' | 'logs';
const GUARDS: Readonly<Record<Signal, () => void>> = { traces: guardTracing, metrics: guardMetrics, logs: guardLogs };

/** Guarding replaces methods of classes, so once is enough for all providers. */
const guarded = new Set<Signal>();

/**
 * Makes the SDK's methods that applications call never throw, and log a line about what they cannot use.
 * @param isWanted signals to guard; the others are skipped to save start-up time
 */
export function guardApi(isWanted: Readonly<Record<Signal, boolean>>): void {
  for (const signal of ['traces', 'metrics', 'logs'] as const) {
    if (!isWanted[signal] || guarded.has(signal)) continue;
    guarded.add(signal);
    GUARDS[signal]();
  }
}
