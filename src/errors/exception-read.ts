import { types } from 'node:util';
import { isObjectOrFunction } from '../values/is-object.ts';

/** Bounds the walk along a prototype chain; real ones have fewer than ten. */
const MAX_PROTOTYPES = 100;
/** A larger bigint is not converted: the time of `toString()` grows with the square of the digits. */
const MAX_BIGINT_BITS = 65_536;

/** An object and its prototypes, up to the first Proxy: reading from a Proxy would run its traps. */
function* prototypeChain(target: object): Generator<object> {
  let holder: unknown = target;
  for (let count = 0; count < MAX_PROTOTYPES && isObjectOrFunction(holder) && !types.isProxy(holder); count += 1) {
    yield holder;
    holder = Object.getPrototypeOf(holder);
  }
}

function findProperty(target: object, key: string): PropertyDescriptor | undefined {
  for (const holder of prototypeChain(target)) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

/** The value of a data property, own or inherited; undefined for a getter. Runs no code of the application. */
export function readData(target: object, key: string): unknown {
  return findProperty(target, key)?.value;
}

/**
 * The value of a property, own or inherited. A getter is called: V8 may define `stack` as one, and some classes `message`. If it
 * throws the value is undefined.
 */
export function readProperty(target: object, key: string): unknown {
  const property = findProperty(target, key);
  if (property?.get === undefined) return property?.value;
  try {
    return property.get.call(target);
  } catch {
    return undefined;
  }
}

/** The name of an object's class, or of the nearest superclass that has a name; else the empty string. */
export function className(target: object): string {
  for (const holder of prototypeChain(target)) {
    const constructor: unknown = Object.getOwnPropertyDescriptor(holder, 'constructor')?.value;
    if (typeof constructor !== 'function' || types.isProxy(constructor)) continue;
    const name: unknown = Object.getOwnPropertyDescriptor(constructor, 'name')?.value;
    if (typeof name === 'string' && name !== '') return name;
  }
  return '';
}

/** An error of any realm, an object that inherits from `Error`, or one with `stack` and `message` (DOM, worker, JSON). */
export function isErrorLike(value: unknown): value is object {
  if (!isObjectOrFunction(value) || types.isProxy(value)) return false;
  if (types.isNativeError(value)) return true;
  for (const holder of prototypeChain(value)) if (holder === Error.prototype) return true;
  return typeof readData(value, 'stack') === 'string' && typeof readData(value, 'message') === 'string';
}

/** A primitive value as text. */
export function primitiveText(value: unknown): string {
  if (typeof value === 'bigint' && BigInt.asIntN(MAX_BIGINT_BITS, value) !== value)
    return `a bigint of more than ${MAX_BIGINT_BITS} bits`;
  return String(value);
}
