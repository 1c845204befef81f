import { diag } from '@opentelemetry/api';

/** What is told when an object is about to emit. */
interface Watch {
  readonly before: () => void;
  /** An `emit` that the application has given the object. */
  own?: unknown;
}

/** Is the object that it is made with. */
class Given {
  constructor(emitter: object) {
    return emitter;
  }
}

/**
 * A private field on an object that is not ours, which nobody else sees. A WeakMap does the same and costs 10 µs more per
 * request, at each event and in each collection of garbage.
 */
class Watched extends Given {
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
 * Calls `before` whenever `emit` of an object is looked up, which Node does for each event, before any listener runs: a
 * listener of ours would be counted among those of the application, named by `eventNames()`, and gone with
 * `removeAllListeners()`; a wrapped `emit` would be in the stack of everything that a listener throws. The accessor hands out
 * the very function that it would have found. It is made once for a class, not for each of its objects.
 *
 * @param prototype of the class, which inherits `emit`
 * @param emitter one that has not been given before
 * @returns false where something has replaced the accessor since: then nothing is called
 */
export function beforeEmit(emitter: object, prototype: object, before: () => void): boolean {
  const accessor = prepared.get(prototype) ?? prepare(prototype);
  const present = Object.getOwnPropertyDescriptor(prototype, 'emit');
  if (present?.get !== accessor.get) return false;
  return Reflect.construct(Watched, [emitter, { before }]) === emitter;
}

function prepare(prototype: object): PropertyDescriptor {
  // Of somebody who has wrapped it before us.
  let ofPrototype: unknown = Object.getOwnPropertyDescriptor(prototype, 'emit')?.value;
  const accessor: PropertyDescriptor = {
    configurable: true,
    enumerable: false,
    get(this: object): unknown {
      const watch = Watched.of(this);
      if (watch !== undefined) tell(watch);
      return watch?.own ?? ofPrototype ?? Reflect.get(Object.getPrototypeOf(prototype), 'emit');
    },
    // As for the plain property of a class: what is assigned to an object is the object's.
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

/** What is thrown here would be thrown within Node, between the events of a request. */
function tell({ before }: Watch): void {
  try {
    before();
  } catch (error) {
    diag.error('the instrumentation of an HTTP request failed', error);
  }
}
