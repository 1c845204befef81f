export interface ActiveResources {
  readonly total: number;
  /** How many of each type, such as `Timeout` or `TCPSocketWrap`. */
  readonly byType: ReadonlyMap<string, number>;
}

/** What keeps the event loop of this thread alive right now. */
export function activeResources(): ActiveResources {
  const byType = new Map<string, number>();
  const types = process.getActiveResourcesInfo();
  for (const type of types) byType.set(type, (byType.get(type) ?? 0) + 1);
  return { total: types.length, byType };
}
