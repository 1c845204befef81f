/**
 * A field of Node's objects behind a symbol that is not exported, found by the symbol's description.
 *
 * @returns undefined where there is none, so that a renamed symbol reads as a missing field
 */
export function unexportedField(owner: object, description: string): unknown {
  const key = Object.getOwnPropertySymbols(owner).find((symbol) => symbol.description === description);
  return key === undefined ? undefined : Reflect.get(owner, key);
}
