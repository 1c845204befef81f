/**
 * Replaces a function of an object by one that first calls `before` with the arguments, then does what the original does. Name,
 * `length` and the attributes of the property stay; source text and stack frames do not. A missing function is not replaced.
 *
 * @returns a function that restores the original, unless other code has replaced it since; undefined if there was no function to replace
 */
export function runBefore(
  owner: object,
  name: string,
  before: (parameters: readonly unknown[]) => void,
): (() => void) | undefined {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') return undefined;
  const replacement = function (this: unknown, ...parameters: unknown[]): unknown {
    before(parameters);
    return Reflect.apply(original, this, parameters);
  };
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(replacement, property, { value: original[property], configurable: true });
  }
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const { enumerable = false } = own ?? {};
  const replaced = { configurable: true, writable: true, enumerable, value: replacement };
  if (!Reflect.defineProperty(owner, name, replaced)) return undefined;
  return () => {
    if (Reflect.get(owner, name) !== replacement) return;
    if (own === undefined) Reflect.deleteProperty(owner, name);
    else Reflect.defineProperty(owner, name, own);
  };
}
