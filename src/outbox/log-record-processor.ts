import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { Deadline } from '../deadline/deadline.ts';
import type { Outbox } from './outbox.ts';

/** Puts every log record into the outbox. Used instead of the SDK's `BatchLogRecordProcessor`. */
export class OutboxLogRecordProcessor implements LogRecordProcessor {
  readonly #outbox: Outbox<ReadableLogRecord>;
  readonly #flushTimeoutMillis: number;

  constructor(outbox: Outbox<ReadableLogRecord>, flushTimeoutMillis: number) {
    this.#outbox = outbox;
    this.#flushTimeoutMillis = flushTimeoutMillis;
  }

  onEmit(record: ReadWriteLogRecord): void {
    this.#outbox.add(record);
  }

  async forceFlush(): Promise<void> {
    await this.#outbox.flush(Deadline.after(this.#flushTimeoutMillis));
  }

  /** Flushes, and leaves the outbox open: a record that is emitted later is kept, not silently dropped. */
  shutdown(): Promise<void> {
    return this.forceFlush();
  }
}
