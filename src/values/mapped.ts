/** Each item as `change` gives it, without those that it gives none for; the same list where nothing changes. */
export function mapped<T>(items: readonly T[], change: (item: T) => T | undefined): readonly T[] {
  let result: T[] | undefined;
  for (const [index, item] of items.entries()) {
    const changed = change(item);
    if (changed !== item || changed === undefined) result ??= items.slice(0, index);
    if (changed !== undefined) result?.push(changed);
  }
  return result ?? items;
}
