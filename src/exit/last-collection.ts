import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { OutboxMetricReader } from '../outbox/metric-reader.ts';
import { DISTRIBUTION_NAME } from '../config/distribution.ts';

/** What measures every process. Alone it is not worth a request at the end of one that has nothing to tell. */
const OF_EVERY_PROCESS: ReadonlySet<string> = new Set([
  DISTRIBUTION_NAME,
  '@opentelemetry/instrumentation-runtime-node',
]);
/** One that has just been collected, by a flush, is not collected again. */
const YOUNGEST_MILLIS = 1000;

export interface LastCollectionOptions {
  readonly readers: readonly OutboxMetricReader[];
  /** Spans or log records wait, or spans are open: something will be delivered at the end anyway. */
  readonly hasMoreToTell: () => boolean;
  /** After `shutdown()` nothing is collected any more. */
  readonly isOver: () => boolean;
}

/**
 * The last, unfinished interval of metrics, when the event loop has drained: what is collected in `beforeExit` is there in
 * `exit`, which delivers it, as long as every observable is synchronous. Nothing here makes the loop turn again.
 * `process.exit()` and a crash leave no time for it: collecting takes promises.
 */
export function collectLast({ readers, hasMoreToTell, isOver }: LastCollectionOptions): void {
  if (isOver()) return;
  for (const reader of readers) {
    if (reader.ageMillis < YOUNGEST_MILLIS) continue;
    void reader.collectIntoOutbox((collected) => hasMoreToTell() || isOfTheApplication(collected));
  }
}

function isOfTheApplication({ scopeMetrics }: ResourceMetrics): boolean {
  return scopeMetrics.some(({ scope, metrics }) => !OF_EVERY_PROCESS.has(scope.name) && metrics.length > 0);
}
