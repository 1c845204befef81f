import { DISTRIBUTION_NAME } from '../config/distribution.ts';
import type { OutboxMetricReader } from '../outbox/metric-reader.ts';

/** Scopes that have metrics in every process: if there is nothing else to send at exit, they are not worth a request. */
export const PROCESS_SCOPES: ReadonlySet<string> = new Set([
  DISTRIBUTION_NAME,
  '@opentelemetry/instrumentation-runtime-node',
]);

export interface LastCollectionOptions {
  readonly readers: readonly OutboxMetricReader[];
  /** Milliseconds that asynchronous observables have; the delivery at exit comes after that. */
  readonly timeoutMillis: number;
  /** Whether spans or log records wait, or spans are live: then there is a delivery at exit anyway. */
  readonly hasSpansOrLogs: () => boolean;
  /** Whether telemetry was stopped by `shutdown()`, after which nothing is collected any more. */
  readonly isShutDown: () => boolean;
}

/**
 * Collects the last, unfinished interval of metrics in `beforeExit`, when the event loop has drained; the `exit` listener
 * delivers it. After `process.exit()` and in a crash not even microtasks run, so the interval is lost.
 */
export function collectLast({ readers, timeoutMillis, hasSpansOrLogs, isShutDown }: LastCollectionOptions): void {
  if (isShutDown()) return;
  for (const reader of readers) {
    reader.collectLast({ timeoutMillis, isWanted: (hasNews) => hasNews || hasSpansOrLogs() });
  }
}
