import { diag } from '@opentelemetry/api';

/** Called when an object is about to emit. */
interface Watch {
  readonly before: () => void;
  /** An `emit` that the application has assigned to the object. */
  own?: unknown;
}

/** Its constructor returns its argument, so that a subclass adds its private fields to that object. */
class ReturnsArgument {
  constructor(emitter: object) {
    return emitter;
  }
}

/**
 * Adds a private field to an object of Node, invisible to other code. A WeakMap would cost 10 µs more per request, for lookups
 * and garbage collection.
 */
class Watched extends ReturnsArgument {
  readonly #watch: Watch;

  constructor(emitter: object, watch: Watch) {
    super(emitter);
    this.#watch = watch;
  }

  static of(emitter: object): Watch | undefined {
    return #watch in emitter ? emitter.#watch : undefined;
  }
}

const prepared = new Map<object, PropertyDescriptor>();

/**
 * That Node looks `emit` up on an object for each event that it emits on it, before any listener runs: `before` is called then.
 * `emit` itself is public, that Node calls it this way is not documented. Seen on Node 22, 24 and 26, for HTTP/1 and streams of HTTP/2.
 *
 * A listener, the public way, would be visible to the application (`listenerCount()`, `eventNames()`) and removed by
 * `removeAllListeners()`; a wrapped `emit` would be in the stack trace of every error that a listener throws. The accessor
 * returns the same function that would be found without it. It is defined once for a class, not for each object.
 *
 * Where Node stops looking it up, listeners do not run in the context of their request, and its span does not end.
 *
 * @param prototype of the class, which inherits `emit`
 * @param emitter not passed before
 * @returns false if the accessor has been replaced by other code: then nothing is called
 */
export function beforeEmit(emitter: object, prototype: object, before: () => void): boolean {
  const accessor = prepared.get(prototype) ?? prepare(prototype);
  const present = Object.getOwnPropertyDescriptor(prototype, 'emit');
  if (present?.get !== accessor.get) return false;
  return Reflect.construct(Watched, [emitter, { before }]) === emitter;
}

function prepare(prototype: object): PropertyDescriptor {
  // Where other code has wrapped it before swansong.
  let ofPrototype: unknown = Object.getOwnPropertyDescriptor(prototype, 'emit')?.value;
  const accessor: PropertyDescriptor = {
    configurable: true,
    enumerable: false,
    get(this: object): unknown {
      const watch = Watched.of(this);
      if (watch !== undefined) callBefore(watch);
      return watch?.own ?? ofPrototype ?? Reflect.get(Object.getPrototypeOf(prototype), 'emit');
    },
    // As for a plain property: an assignment to an object creates its own property.
    set(this: object, value: unknown) {
      const watch = Watched.of(this);
      if (this === prototype) ofPrototype = value;
      else if (watch === undefined) {
        Object.defineProperty(this, 'emit', { value, configurable: true, enumerable: true, writable: true });
      } else watch.own = value;
    },
  };
  Object.defineProperty(prototype, 'emit', accessor);
  prepared.set(prototype, accessor);
  return accessor;
}

/** An error here would be thrown within Node's own code, between the events of a request. */
function callBefore({ before }: Watch): void {
  try {
    before();
  } catch (error) {
    diag.error('the instrumentation of an HTTP request failed', error);
  }
}
