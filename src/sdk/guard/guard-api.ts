import { guardLogs } from './guard-logs.ts';
import { guardMetrics } from './guard-metrics.ts';
import { guardTracing } from './guard-tracing.ts';

type Signal = 'traces' | 'metrics' | 'logs';
const GUARDS: Readonly<Record<Signal, () => void>> = { traces: guardTracing, metrics: guardMetrics, logs: guardLogs };

/** Guarding replaces methods of classes: once is enough for all providers, and twice would be one check too many. */
const guarded = new Set<Signal>();

/**
 * Has the SDK's methods that applications call never throw, and tell in a line what they cannot use.
 * @param isWanted a signal that is not needs no start-up time
 */
export function guardApi(isWanted: Readonly<Record<Signal, boolean>>): void {
  for (const signal of ['traces', 'metrics', 'logs'] as const) {
    if (!isWanted[signal] || guarded.has(signal)) continue;
    guarded.add(signal);
    GUARDS[signal]();
  }
}
