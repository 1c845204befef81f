import { types } from 'node:util';
import { isObjectOrFunction } from '../values/is-object.ts';

/** Of a prototype chain; classes of applications have a handful. */
const MAX_PROTOTYPES = 100;
/** Beyond it a bigint is not spelt out: digits cost the square of their number. */
const MAX_BIGINT_BITS = 65_536;

/** An object and its prototypes, up to a Proxy: looking into one would run its traps. */
function* holders(target: object): Generator<object> {
  let holder: unknown = target;
  for (let count = 0; count < MAX_PROTOTYPES && isObjectOrFunction(holder) && !types.isProxy(holder); count += 1) {
    yield holder;
    holder = Object.getPrototypeOf(holder);
  }
}

function findProperty(target: object, key: string): PropertyDescriptor | undefined {
  for (const holder of holders(target)) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

/** The value of a property, own or inherited; undefined where only a getter could tell. Runs no code of the application. */
export function readData(target: object, key: string): unknown {
  return findProperty(target, key)?.value;
}

/**
 * The same, and a getter is called: `stack` is one (V8), `message` is one in classes that write it when asked. One that
 * throws counts as undefined.
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

/** The name of an object's class, or of the nearest one above it that has a name; else the empty string. */
export function className(target: object): string {
  for (const holder of holders(target)) {
    const constructor: unknown = Object.getOwnPropertyDescriptor(holder, 'constructor')?.value;
    if (typeof constructor !== 'function' || types.isProxy(constructor)) continue;
    const name: unknown = Object.getOwnPropertyDescriptor(constructor, 'name')?.value;
    if (typeof name === 'string' && name !== '') return name;
  }
  return '';
}

/** An error of any realm, what inherits from `Error` without being made by it, and what looks like one (DOM, worker, JSON). */
export function isErrorLike(value: unknown): value is object {
  if (!isObjectOrFunction(value) || types.isProxy(value)) return false;
  if (types.isNativeError(value)) return true;
  for (const holder of holders(value)) if (holder === Error.prototype) return true;
  return typeof readData(value, 'stack') === 'string' && typeof readData(value, 'message') === 'string';
}

/** A value that is no object, in words. */
export function primitiveText(value: unknown): string {
  if (typeof value === 'bigint' && BigInt.asIntN(MAX_BIGINT_BITS, value) !== value)
    return `a bigint of more than ${MAX_BIGINT_BITS} bits`;
  return String(value);
}
