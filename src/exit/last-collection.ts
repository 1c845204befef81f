import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { OutboxMetricReader } from '../outbox/metric-reader.ts';
import { DISTRIBUTION_NAME } from '../config/distribution.ts';

/** Scopes that have metrics in every process: if there is nothing else to send at exit, they are not worth a request. */
const PROCESS_SCOPES: ReadonlySet<string> = new Set([DISTRIBUTION_NAME, '@opentelemetry/instrumentation-runtime-node']);
/** A reader that collected less than this ago, in a flush, does not collect again. */
const MIN_AGE_MILLIS = 1000;

export interface LastCollectionOptions {
  readonly readers: readonly OutboxMetricReader[];
  /** Whether spans or log records wait, or spans are live: then there is a delivery at exit anyway. */
  readonly hasSpansOrLogs: () => boolean;
  /** Whether telemetry was stopped by `shutdown()`, after which nothing is collected any more. */
  readonly isShutDown: () => boolean;
}

/**
 * Collects the last, unfinished interval of metrics in `beforeExit`, when the event loop has drained; the `exit` listener
 * delivers it. That works only if every observable is synchronous: then collecting takes microtasks only, and the event loop
 * does not turn again. After `process.exit()` and in a crash not even microtasks run, so the interval is lost.
 */
export function collectLast({ readers, hasSpansOrLogs, isShutDown }: LastCollectionOptions): void {
  if (isShutDown()) return;
  for (const reader of readers) {
    if (reader.ageMillis < MIN_AGE_MILLIS) continue;
    void reader.collectIntoOutbox((collected) => hasSpansOrLogs() || hasApplicationMetrics(collected));
  }
}

function hasApplicationMetrics({ scopeMetrics }: ResourceMetrics): boolean {
  return scopeMetrics.some(({ scope, metrics }) => !PROCESS_SCOPES.has(scope.name) && metrics.length > 0);
}
