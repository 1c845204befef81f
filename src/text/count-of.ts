/** `1 span`, `2 spans`, `1 collection of metrics`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun.replace(/s\b/, '') : noun}`;
}
