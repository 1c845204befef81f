import type { Deadline } from '../deadline/deadline.ts';
import { countOf } from '../text/count-of.ts';
import { oneLine } from '../text/one-line.ts';
import { CollectionExporter } from './collection-exporter.ts';
import { MetricsFile, type MetricsFileOptions } from './metrics-file.ts';

export interface FileExporter {
  readonly exporter: CollectionExporter;
  readonly close: (deadline: Deadline) => Promise<void>;
}

/**
 * Collections to a file. Also in the end of a process that nobody shuts down: when the event loop has drained a last collection
 * is made, which takes no turn of it, and the `exit` event writes what has not been written, synchronously. After
 * `process.exit()` and in a crash nothing can be collected any more: there the file ends with the last whole interval.
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
    // A write cannot be called back: given up and tried again, it would stand there twice.
    attemptTimeoutMillis: Infinity,
    deliver: (collections) => file.deliver(collections),
    report,
  });
  void file.open().then((error) => {
    if (error !== undefined) exporter.failed(error);
  });
  const onDrained = (): void => void exporter.reader.collectIntoOutbox();
  const onExit = (): void => {
    const collections = exporter.takeOut();
    if (collections.length === 0) return;
    try {
      file.deliverSync(collections);
    } catch (error) {
      report(
        `cannot write the last ${countOf(collections.length, 'collections')} of self-metrics to ${options.path}: ${oneLine(String(error))}`,
      );
    }
  };
  process.on('beforeExit', onDrained);
  process.on('exit', onExit);
  return {
    exporter,
    async close(deadline) {
      process.off('beforeExit', onDrained);
      // What the deadline has left is still written in the end.
      if (exporter.counts().waiting === 0) process.off('exit', onExit);
      await file.close(deadline);
    },
  };
}
