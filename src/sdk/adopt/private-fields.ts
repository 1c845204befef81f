import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';

export function readNumber(from: unknown, key: string): number | undefined {
  const value = read(from, key);
  return typeof value === 'number' ? value : undefined;
}

export function readMethod(from: unknown, key: string): ((...parameters: readonly unknown[]) => unknown) | undefined {
  const method = read(from, key);
  return typeof method === 'function' ? (...parameters) => Reflect.apply(method, from, parameters) : undefined;
}

/**
 * Whether all these methods come from the class that has `mark`, a private method of the SDK's implementation. A subclass that
 * overrides one of them (to filter, to add attributes) must not be replaced.
 */
export function isImplementedBy(part: unknown, mark: string, methods: readonly string[]): part is object {
  if (!isObject(part)) return false;
  const implementation = ownerOf(part, mark);
  return implementation !== undefined && methods.every((method) => ownerOf(part, method) === implementation);
}

function ownerOf(part: object, key: string): object | undefined {
  let owner: object | null = part;
  while (owner !== null && !Object.hasOwn(owner, key)) owner = Reflect.getPrototypeOf(owner);
  return owner ?? undefined;
}

/** The class of an object, for messages. */
export function classOf(part: unknown): string {
  const constructor = read(part, 'constructor');
  const name = typeof constructor === 'function' ? constructor.name : '';
  return name === '' || name === 'Object' ? 'an object without a class' : name;
}
