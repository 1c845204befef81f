import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { Context } from '@opentelemetry/api';
import { DISTRIBUTION_NAME } from '../../config/distribution.ts';

/**
 * Passes on what swansong itself says: errors, and the life of the process. For an application whose log records go by processors of
 * its own: nothing of them is sent twice.
 */
export class OwnLogRecords implements LogRecordProcessor {
  readonly #processors: readonly LogRecordProcessor[];

  constructor(processors: readonly LogRecordProcessor[]) {
    this.#processors = processors;
  }

  onEmit(record: ReadWriteLogRecord, context?: Context): void {
    if (record.instrumentationScope.name !== DISTRIBUTION_NAME) return;
    for (const processor of this.#processors) processor.onEmit(record, context);
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#processors.map((processor) => processor.forceFlush()));
  }

  /** They stay open. */
  shutdown(): Promise<void> {
    return this.forceFlush();
  }
}
