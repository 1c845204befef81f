import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { anyValue } from '../errors/any-value.ts';

/** Before all others: makes of a body what OTLP has a form for, at once, since the application may go on changing it. */
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
