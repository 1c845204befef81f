/** The first key of an object that is not a known one. */
export function unknownKey(value: object, known: Readonly<Record<string, true>>): string | undefined {
  return Object.keys(value).find((key) => !Object.hasOwn(known, key));
}
