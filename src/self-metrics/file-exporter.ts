import type { Deadline } from '../deadline/deadline.ts';
import { countOf } from '../text/count-of.ts';
import { oneLine } from '../text/one-line.ts';
import { messageOf } from '../values/thrown.ts';
import { COLLECT_TIMEOUT_MILLIS, CollectionExporter } from './collection-exporter.ts';
import { MetricsFile, type MetricsFileOptions } from './metrics-file.ts';

export interface FileExporter {
  readonly exporter: CollectionExporter;
  readonly close: (deadline: Deadline) => Promise<void>;
}

/**
 * Writes collections to a file, also at the end of a process in which nobody calls `shutdown()`: when the event loop has drained
 * (`beforeExit`) a last collection is made, and the `exit` listener writes synchronously what is not written yet. Collecting is
 * asynchronous, so after `process.exit()` and in a crash the file ends with the last whole interval.
 */
export function createFileExporter(
  options: MetricsFileOptions,
  intervalMillis: number,
  report: (line: string) => void,
): FileExporter {
  const file = new MetricsFile(options);
  const exporter = new CollectionExporter({
    name: `the file of self-metrics ${options.path}`,
    intervalMillis,
    // A write cannot be cancelled: retried after a timeout, the line could be in the file twice.
    attemptTimeoutMillis: Infinity,
    deliver: (collections) => file.deliver(collections),
    report,
  });
  void file.open().then((error) => {
    if (error !== undefined) exporter.failed(error);
  });
  const onDrained = (): void =>
    exporter.reader.collectLast({ timeoutMillis: COLLECT_TIMEOUT_MILLIS, isWanted: () => true });
  const onExit = (): void => {
    const collections = exporter.takeOut();
    if (collections.length === 0) return;
    try {
      file.deliverSync(collections);
    } catch (error) {
      report(
        `cannot write the last ${countOf(collections.length, 'collections')} of self-metrics to ${options.path}: ${oneLine(messageOf(error))}`,
      );
    }
  };
  process.on('beforeExit', onDrained);
  process.on('exit', onExit);
  return {
    exporter,
    async close(deadline) {
      process.off('beforeExit', onDrained);
      // Collections that are still waiting at the deadline are written by the `exit` listener.
      if (exporter.counts().waiting === 0) process.off('exit', onExit);
      await file.close(deadline);
    },
  };
}
