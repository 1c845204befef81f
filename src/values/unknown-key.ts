/** The first key of an object that is none of the known ones. */
export function unknownKey(value: object, known: Readonly<Record<string, true>>): string | undefined {
  return Object.keys(value).find((key) => !Object.hasOwn(known, key));
}
