import { type Context, type SpanContext, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';

/** On a span that was ended because its process ended. */
export const INTERRUPTED = 'swansong.span.interrupted';

/** The span an error happened in. It may have ended already; then its parent is where the path of live spans begins. */
export interface FailedSpan {
  readonly spanContext: SpanContext | undefined;
  readonly parentSpanContext: SpanContext | undefined;
  readonly message: string;
}

/**
 * Spans that have started and not ended. When the process ends they are ended too, and fall into the outbox by themselves.
 * Bounded: beyond the bound the oldest are kept and the others counted.
 */
export class LiveSpans implements SpanProcessor {
  readonly #spans = new Map<string, Span>();
  readonly #maxSpans: number;
  #untracked = 0;
  #recordOnly = 0;

  constructor(maxSpans: number) {
    this.#maxSpans = maxSpans;
  }

  /** Live spans that are recorded and not sampled: nobody delivers them. */
  get recordOnly(): number {
    return this.#recordOnly;
  }

  get size(): number {
    return this.#spans.size + this.#untracked;
  }

  onStart(span: Span, _parent: Context): void {
    const { spanId, traceFlags } = span.spanContext();
    if ((traceFlags & TraceFlags.SAMPLED) === 0) {
      this.#recordOnly += 1;
      return;
    }
    if (this.#spans.size < this.#maxSpans) this.#spans.set(spanId, span);
    else this.#untracked += 1;
  }

  onEnd(span: { spanContext(): SpanContext }): void {
    const { spanId, traceFlags } = span.spanContext();
    if ((traceFlags & TraceFlags.SAMPLED) === 0) {
      this.#recordOnly -= 1;
      return;
    }
    if (!this.#spans.delete(spanId)) this.#untracked = Math.max(0, this.#untracked - 1);
  }

  /**
   * Ends every live span and marks it interrupted, children before their parents. Those on the path of the error (the span it
   * happened in and its live ancestors) get status ERROR, the others keep theirs.
   * @returns how many there were
   */
  interrupt(failed?: FailedSpan): number {
    const path = new Set([
      ...this.#pathOf(failed?.spanContext?.spanId),
      ...this.#pathOf(failed?.parentSpanContext?.spanId),
    ]);
    const spans = [...this.#spans.values()].toReversed();
    for (const span of spans) {
      span.setAttribute(INTERRUPTED, true);
      if (failed !== undefined && path.has(span))
        span.setStatus({ code: SpanStatusCode.ERROR, message: failed.message });
      span.end();
    }
    return spans.length;
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  #pathOf(spanId: string | undefined): ReadonlySet<Span> {
    const path = new Set<Span>();
    let next = spanId;
    while (next !== undefined) {
      const span = this.#spans.get(next);
      if (span === undefined || path.has(span)) break;
      path.add(span);
      next = span.parentSpanContext?.spanId;
    }
    return path;
  }
}
