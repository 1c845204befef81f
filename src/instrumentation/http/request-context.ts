import { type Context, type Span, trace } from '@opentelemetry/api';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';

type RpcMetadata = Parameters<typeof setRPCMetadata>[1];

/** The key under which a function of OpenTelemetry keeps its value in a context. */
function keyOf(set: (context: Context) => unknown): symbol {
  let found: symbol | undefined;
  const probe: Context = {
    getValue: () => undefined,
    setValue(key) {
      found = key;
      return probe;
    },
    deleteValue: () => probe,
  };
  set(probe);
  if (found === undefined) throw new Error('expected a value in the context');
  return found;
}

const NO_SPAN = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 });
const SPAN = keyOf((context) => trace.setSpan(context, NO_SPAN));
const RPC = keyOf((context) => setRPCMetadata(context, { type: RPCType.HTTP, span: NO_SPAN }));

/**
 * A context with the span and the RPC metadata of a request. One of the API copies a map and makes three functions for each value that
 * is added: as much as half of a span. Most requests only ask for the two; for any other value it becomes one of the API's.
 */
export class RequestContext implements Context {
  readonly #parent: Context;
  readonly #span: Span;
  readonly #rpc: RpcMetadata;
  #complete: Context | undefined;

  constructor(parent: Context, span: Span, rpc: RpcMetadata) {
    this.#parent = parent;
    this.#span = span;
    this.#rpc = rpc;
  }

  getValue(key: symbol): unknown {
    if (key === SPAN) return this.#span;
    return key === RPC ? this.#rpc : this.#parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#asOfApi().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.#asOfApi().deleteValue(key);
  }

  #asOfApi(): Context {
    this.#complete ??= setRPCMetadata(trace.setSpan(this.#parent, this.#span), this.#rpc);
    return this.#complete;
  }
}
