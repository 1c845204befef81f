import type { SpanContext } from '@opentelemetry/api';
import { setTimeout } from '../clock/clock.ts';
import { isObjectOrFunction } from '../values/is-object.ts';

/** What was recorded of an error, and the spans to mark when it ends the process. */
export interface RecordedError {
  readonly spanContext: SpanContext | undefined;
  /** The parent of that span, in case that span has ended already. */
  readonly parentSpanContext: SpanContext | undefined;
  readonly message: string;
  /** The SeverityNumber of the log record that tells of it: swansong's, or a line of the application. */
  readonly severity: number;
  /** Only the application's own lines tell of it: no span does. */
  readonly onlyLogged: boolean;
}

/** The spans that are live, as far as they are known. */
export interface SpanTree {
  isLive(spanId: string): boolean;
  /** Ids of a live span and of its live ancestors. */
  pathOf(spanId: string | undefined): readonly string[];
}

/** Where an error is seen. */
export interface Place {
  readonly spanContext: SpanContext | undefined;
  /** What stands for the request, for the case that there are no spans. */
  readonly request: object | undefined;
}

interface Occurrence {
  recorded: RecordedError;
  /** Ids of its span and of that span's ancestors: by these it may still come along. */
  readonly path: ReadonlySet<string>;
  /** Where there is no span. */
  readonly request: object | undefined;
}

/** An error object that lives on and fails one request after the other: it is remembered where it occurred lately. */
const MAX_OCCURRENCES = 100;

/**
 * Where each error was recorded. An error that leaves a span is seen again in its ancestors, and at last outside of any span: that
 * is the same occurrence. The same object in another span, as a cached rejected promise or a constant brings it, is another one.
 */
export class RecordedErrors {
  readonly #spans: SpanTree;
  readonly #occurrences = new WeakMap<object, Occurrence[]>();
  /** A primitive has no identity: the same value in the same task is taken for the same throw. */
  #primitive: { readonly value: unknown; readonly occurrences: Occurrence[] } | undefined;

  constructor(spans: SpanTree) {
    this.#spans = spans;
  }

  /** What was recorded of it, if that is where it comes from now. */
  find(error: unknown, place: Place): RecordedError | undefined {
    return this.#find(error, place)?.recorded;
  }

  add(error: unknown, recorded: RecordedError, { request }: Place): void {
    const { spanContext, parentSpanContext } = recorded;
    const path = new Set([
      ...(spanContext === undefined ? [] : [spanContext.spanId]),
      ...(parentSpanContext === undefined ? [] : [parentSpanContext.spanId]),
      ...this.#spans.pathOf(spanContext?.spanId),
      ...this.#spans.pathOf(parentSpanContext?.spanId),
    ]);
    const occurrences = this.#of(error) ?? this.#begin(error);
    occurrences.push({ recorded, path, request: spanContext === undefined ? request : undefined });
    if (occurrences.length > MAX_OCCURRENCES) occurrences.shift();
  }

  /** More has been recorded of it: it has ended the process, or failed a span, or was logged again. */
  replace(error: unknown, place: Place, recorded: RecordedError): void {
    const occurrence = this.#find(error, place);
    if (occurrence !== undefined) occurrence.recorded = recorded;
  }

  #find(error: unknown, { spanContext, request }: Place): Occurrence | undefined {
    const occurrences = this.#of(error) ?? [];
    if (spanContext === undefined)
      return request === undefined ? occurrences.at(-1) : occurrences.findLast((past) => past.request === request);
    const { spanId, traceId } = spanContext;
    // Of a span that nobody knows (it is not sampled, or has ended) the ancestors are not known: then one trace is one occurrence.
    const isKnown = this.#spans.isLive(spanId);
    return occurrences.findLast(
      ({ recorded, path }) => path.has(spanId) || (!isKnown && recorded.spanContext?.traceId === traceId),
    );
  }

  #of(error: unknown): Occurrence[] | undefined {
    if (isObjectOrFunction(error)) return this.#occurrences.get(error);
    return this.#primitive !== undefined && Object.is(this.#primitive.value, error)
      ? this.#primitive.occurrences
      : undefined;
  }

  #begin(error: unknown): Occurrence[] {
    const occurrences: Occurrence[] = [];
    if (isObjectOrFunction(error)) {
      this.#occurrences.set(error, occurrences);
      return occurrences;
    }
    const primitive = { value: error, occurrences };
    this.#primitive = primitive;
    // A timer runs after the microtasks and the unhandled rejections of this task.
    setTimeout(() => {
      if (this.#primitive === primitive) this.#primitive = undefined;
    }, 0).unref();
    return occurrences;
  }
}
