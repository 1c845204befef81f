import { isObject } from './is-object.ts';

/** A property of an object that is not ours: undefined if there is none, or if reading it throws. */
export function read(from: unknown, key: string): unknown {
  if (!isObject(from)) return undefined;
  try {
    return Reflect.get(from, key);
  } catch {
    return undefined;
  }
}

/** A property that is a text: undefined for anything else. */
export function readText(from: unknown, key: string): string | undefined {
  const value = read(from, key);
  return typeof value === 'string' ? value : undefined;
}
