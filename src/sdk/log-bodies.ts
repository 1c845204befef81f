import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { anyValue } from '../errors/any-value.ts';

/** The first processor: converts a body to a value that OTLP can encode, at once, since the application may change it later. */
export class LogBodies implements LogRecordProcessor {
  onEmit(record: ReadWriteLogRecord): void {
    const { body } = record;
    if (typeof body !== 'string' && body !== undefined) record.setBody(anyValue(body));
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
