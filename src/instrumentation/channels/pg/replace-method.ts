/** A function that is not ours. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

export function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

/** Written as a method, unlike a function it is no constructor, as the one that it replaces. */
export type Replacement<Name extends string> = Readonly<Record<Name, Method>>;

/**
 * Replaces a method by one with the same name, length and attributes.
 *
 * @returns puts the original back, unless other code has replaced it in between. Undefined if there is nothing to replace
 */
export function replaceMethod<Name extends string>(
  owner: object,
  name: Name,
  replacementOf: (original: Method) => Replacement<Name>,
): (() => void) | undefined {
  const present = Object.getOwnPropertyDescriptor(owner, name);
  const original: unknown = present?.value;
  if (present === undefined || !isMethod(original)) return undefined;
  const replacement = replacementOf(original)[name];
  for (const key of ['name', 'length']) {
    Object.defineProperty(replacement, key, { configurable: true, value: Reflect.get(original, key) });
  }
  if (!Reflect.defineProperty(owner, name, { ...present, value: replacement })) return undefined;
  return () => {
    if (Reflect.get(owner, name) === replacement) Object.defineProperty(owner, name, present);
  };
}
