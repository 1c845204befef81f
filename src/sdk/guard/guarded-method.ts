import { type AnyValue, diag } from '@opentelemetry/api';
import { isAnyValue } from '@opentelemetry/core';
import { oneLine } from '../../text/one-line.ts';
import { isObject } from '../../values/is-object.ts';
import { messageOf } from '../../values/thrown.ts';

// "API methods MUST NOT throw unhandled exceptions when used incorrectly by end users" (specification, "Error handling"). The
// methods of the SDK do throw. They are replaced on the prototypes of the preload's own copies of the SDK's classes: objects,
// their prototypes and class names stay the same, and a correct call costs only one or two checks.

type Method = (this: unknown, ...parameters: unknown[]) => unknown;

/** Replaces a method of a prototype. Name and length stay. @throws Error where there is no such method */
export function replaceMethod(prototype: object, name: string, replace: (original: Method) => Method): void {
  const original: unknown = Reflect.get(prototype, name);
  if (!isMethod(original)) throw new Error(`expected a method ${name} of the SDK`);
  const replacement = replace(original);
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(replacement, property, { value: original[property], configurable: true });
  }
  Object.defineProperty(prototype, name, { value: replacement, configurable: true, writable: true });
}

const guarded = new WeakSet<object>();

/**
 * Guards the class of an object, once. Called with the first object that the application creates: most classes are not exported,
 * and creating an object only to find its class would slow down every start.
 */
export function guardClassOf(value: unknown, guard: (prototype: object) => void): void {
  if (!isObject(value)) return;
  const prototype: object = Object.getPrototypeOf(value);
  if (guarded.has(prototype)) return;
  guarded.add(prototype);
  guard(prototype);
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

/** One line a minute per kind: see `createDiagLogger`. */
export function warn(method: string, what: string): void {
  diag.warn(`${method}(): ${what}`);
}

export function warnOfError(method: string, error: unknown): void {
  warn(method, oneLine(messageOf(error)));
}

/** @returns what the method returns; `fallback`, after a warning, if it throws */
export function callSafely(
  original: Method,
  self: unknown,
  method: string,
  parameters: unknown[],
  fallback: unknown,
): unknown {
  try {
    return original.apply(self, parameters);
  } catch (error) {
    warnOfError(method, error);
    return fallback;
  }
}

/** Guards a method whose parameters cannot be corrected: if it throws, it returns `fallback`. */
export function tolerate(prototype: object, name: string, fallback: unknown): void {
  replaceMethod(
    prototype,
    name,
    (original) =>
      function (this: unknown, ...parameters: unknown[]): unknown {
        return callSafely(original, this, name, parameters, fallback);
      },
  );
}

/**
 * A copy of attributes without those that cannot be read.
 * @param isUsable throws, or is false, for a value that must not be in it
 */
export function readableAttributes<T>(
  attributes: unknown,
  method: string,
  isUsable: (value: unknown) => value is T,
): Record<string, T> {
  const readable: Record<string, T> = {};
  if (!isObject(attributes)) return readable;
  for (const key of keysOf(attributes)) {
    try {
      const value: unknown = Reflect.get(attributes, key);
      if (value === undefined) continue;
      if (isUsable(value)) readable[key] = value;
      else warn(method, `the attribute ${key} has no valid value, it is left out`);
    } catch (error) {
      warn(method, `the attribute ${key} cannot be read, it is left out: ${oneLine(messageOf(error))}`);
    }
  }
  return readable;
}

/** Whether the SDK accepts it as the value of an attribute. @throws what a getter in it throws, RangeError for thousands of levels */
export function isAttributeValue(value: unknown): value is AnyValue {
  return isAnyValue(value);
}

function keysOf(target: object): readonly string[] {
  try {
    return Object.keys(target);
  } catch {
    return [];
  }
}
