/**
 * Replaces a function of an object by one that first calls `before` with the arguments, then does what the original does. Name,
 * `length` and the attributes of the property stay; source text and stack frames do not. What is missing is not replaced.
 *
 * @returns whether there was a function to replace
 */
export function runBefore(owner: object, name: string, before: (parameters: readonly unknown[]) => void): boolean {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') return false;
  const replacement = function (this: unknown, ...parameters: unknown[]): unknown {
    before(parameters);
    return Reflect.apply(original, this, parameters);
  };
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(replacement, property, { value: original[property], configurable: true });
  }
  const { enumerable = false } = Object.getOwnPropertyDescriptor(owner, name) ?? {};
  return Reflect.defineProperty(owner, name, { configurable: true, writable: true, enumerable, value: replacement });
}
