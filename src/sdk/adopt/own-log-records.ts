import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { Context } from '@opentelemetry/api';
import { DISTRIBUTION_NAME } from '../../config/distribution.ts';

/**
 * Passes on only swansong's own log records: errors and lifecycle events. For an application with log record processors of its own,
 * so that its records are not sent twice.
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

  /** Flushes, and leaves the processors open. */
  shutdown(): Promise<void> {
    return this.forceFlush();
  }
}
