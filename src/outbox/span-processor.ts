import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { Deadline } from '../deadline/deadline.ts';
import type { Outbox } from './outbox.ts';

/** Puts every sampled span that ends into the outbox. Used instead of the SDK's `BatchSpanProcessor`. */
export class OutboxSpanProcessor implements SpanProcessor {
  readonly #outbox: Outbox<ReadableSpan>;
  readonly #flushTimeoutMillis: number;

  constructor(outbox: Outbox<ReadableSpan>, flushTimeoutMillis: number) {
    this.#outbox = outbox;
    this.#flushTimeoutMillis = flushTimeoutMillis;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#outbox.add(span);
  }

  async forceFlush(): Promise<void> {
    await this.#outbox.flush(Deadline.after(this.#flushTimeoutMillis));
  }

  /** Flushes, and leaves the outbox open: a span that ends later is kept, not silently dropped. */
  shutdown(): Promise<void> {
    return this.forceFlush();
  }
}
