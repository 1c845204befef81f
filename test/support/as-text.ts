/** All that was received, as one text to search in. */
export function asText(received: unknown): string {
  return JSON.stringify(received, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
