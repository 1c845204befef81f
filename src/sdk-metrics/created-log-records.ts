import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';

/** Counts the log records that are created, however many ways out they take. */
export class CreatedLogRecords implements LogRecordProcessor {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  onEmit(): void {
    this.#count += 1;
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
