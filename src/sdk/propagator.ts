import {
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import type { PropagatorName } from '../config/config.ts';
import { keepRequest } from '../instrumentation/routes/request-route.ts';
import { isFieldValue } from '../values/field-value.ts';

const PROPAGATORS: Readonly<Record<PropagatorName, () => TextMapPropagator>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => new B3Propagator(),
  b3multi: () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
};

export function createPropagator(names: readonly PropagatorName[]): TextMapPropagator {
  return new CleanPropagator(new CompositePropagator({ propagators: names.map((name) => PROPAGATORS[name]()) }));
}

/** The flags `sampled` and `random` (Trace Context, level 2). */
const KNOWN_FLAGS = 0x03;

/** Sends trace flags and baggage that were received only in a valid form. */
class CleanPropagator implements TextMapPropagator {
  readonly #propagator: TextMapPropagator;

  constructor(propagator: TextMapPropagator) {
    this.#propagator = propagator;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.#propagator.inject(withKnownFlags(context), carrier, {
      set(target, name, value) {
        const clean = name === 'baggage' ? usableEntries(value) : value;
        // Trace Context, section 3.3.1.1: an empty `tracestate` SHOULD NOT be sent.
        if (clean !== '') setter.set(target, name, clean);
      },
    });
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    return keepRequest(this.#propagator.extract(context, carrier, getter), carrier);
  }

  fields(): string[] {
    return this.#propagator.fields();
  }
}

/** Trace Context, section 3.2.2.5: other flags MUST be sent as zero. (The propagator also writes them with three digits.) */
function withKnownFlags(context: Context): Context {
  const spanContext = trace.getSpanContext(context);
  if (spanContext === undefined || (spanContext.traceFlags & ~KNOWN_FLAGS) === 0) return context;
  return trace.setSpanContext(context, { ...spanContext, traceFlags: spanContext.traceFlags & KNOWN_FLAGS });
}

/** Keys and values are percent-encoded, metadata is not: a line break in one entry's would make the whole header invalid. */
function usableEntries(baggage: string): string {
  if (isFieldValue(baggage)) return baggage;
  return baggage
    .split(',')
    .filter((entry) => isFieldValue(entry))
    .join(',');
}
