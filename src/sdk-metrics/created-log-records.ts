import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';

/** Counts the log records that are created, once each however many processors and exporters there are. */
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
