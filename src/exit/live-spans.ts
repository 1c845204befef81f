import { type Context, type SpanContext, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';

/** Attribute of a span that was ended because the process ended. */
export const INTERRUPTED = 'swansong.span.interrupted';

/** The span an error occurred in. If it has ended already, the path of live spans begins at its parent. */
export interface FailedSpan {
  readonly spanContext: SpanContext | undefined;
  readonly parentSpanContext: SpanContext | undefined;
  readonly message: string;
}

/**
 * Spans that have started and not ended. `interrupt` ends them when the process ends; like any span that ends they are then
 * added to the outbox. At most `maxSpans` are held, the oldest; further ones are only counted, and lost if the process ends before
 * they do.
 */
export class LiveSpans implements SpanProcessor {
  readonly #spans = new Map<string, Span>();
  readonly #maxSpans: number;
  #untracked = 0;
  #recordOnly = 0;

  constructor(maxSpans: number) {
    this.#maxSpans = maxSpans;
  }

  /** Live spans that are recorded but not sampled: these are not exported. */
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
   * Ends every live span and marks it interrupted, children before their parents. The span that the error occurred in and its
   * live ancestors get status ERROR, the others keep their status.
   * @param onError is given what a span processor of the application throws; the other spans are ended nevertheless
   * @returns the number of spans that were ended
   */
  interrupt(failed?: FailedSpan, onError: (error: unknown) => void = () => {}): number {
    const path = new Set([
      ...this.#pathOf(failed?.spanContext?.spanId),
      ...this.#pathOf(failed?.parentSpanContext?.spanId),
    ]);
    const spans = [...this.#spans.values()].toReversed();
    for (const span of spans) {
      try {
        span.setAttribute(INTERRUPTED, true);
        if (failed !== undefined && path.has(span))
          span.setStatus({ code: SpanStatusCode.ERROR, message: failed.message });
        span.end();
      } catch (error) {
        onError(error);
      }
    }
    return spans.length;
  }

  isLive(spanId: string): boolean {
    return this.#spans.has(spanId);
  }

  /** Ids of a live span and of its live ancestors. */
  pathOf(spanId: string | undefined): readonly string[] {
    return Array.from(this.#pathOf(spanId), (span) => span.spanContext().spanId);
  }

  /** The number of live spans that are not held and so cannot be ended, once. */
  takeUntracked(): number {
    const untracked = this.#untracked;
    this.#untracked = 0;
    return untracked;
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
