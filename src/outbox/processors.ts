import { TraceFlags } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { Deadline } from '../deadline/deadline.ts';
import type { Outbox } from './outbox.ts';

class OutboxProcessor<Item extends object> {
  protected readonly outbox: Outbox<Item>;
  readonly #flushTimeoutMillis: number;

  constructor(outbox: Outbox<Item>, flushTimeoutMillis: number) {
    this.outbox = outbox;
    this.#flushTimeoutMillis = flushTimeoutMillis;
  }

  async forceFlush(): Promise<void> {
    await this.outbox.flush(Deadline.after(this.#flushTimeoutMillis));
  }

  /** Flushes, and leaves the outbox open: what ends or is emitted later is kept, not silently dropped. */
  shutdown(): Promise<void> {
    return this.forceFlush();
  }
}

/** Puts every sampled span that ends into the outbox. Used instead of the SDK's `BatchSpanProcessor`. */
export class OutboxSpanProcessor extends OutboxProcessor<ReadableSpan> implements SpanProcessor {
  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.outbox.add(span);
  }
}

/** Puts every log record into the outbox. Used instead of the SDK's `BatchLogRecordProcessor`. */
export class OutboxLogRecordProcessor extends OutboxProcessor<ReadableLogRecord> implements LogRecordProcessor {
  onEmit(record: ReadWriteLogRecord): void {
    this.outbox.add(record);
  }
}
