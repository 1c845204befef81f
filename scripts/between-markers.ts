/**
 * The text with `content` between the lines `<!-- NAME:start -->` and `<!-- NAME:end -->`.
 * @param content may be made from what stands there
 * @throws Error if the text has no markers
 */
export function withBetweenMarkers(text: string, name: string, content: (present: string) => string): string {
  const [startLine, endLine] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const start = text.indexOf(startLine);
  const end = text.indexOf(endLine);
  if (start === -1 || end < start)
    throw new Error(`expected ${startLine} and then ${endLine}, each on a line of its own`);
  return `${text.slice(0, start + startLine.length)}\n\n${content(text.slice(start, end))}\n\n${text.slice(end)}`;
}
