const MAX_CHARACTERS = 300;

/** An error's message as a part of one line: OpenSSL's end with a line break, others quote whole pages. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line;
}
