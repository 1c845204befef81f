const MAX_CHARACTERS = 300;

/** An error's message in one line: those of OpenSSL end with a line break, others contain whole response bodies. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line;
}
