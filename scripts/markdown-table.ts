/** A Markdown table, padded as oxfmt does it, so that formatting a document and generating its tables never disagree. */
export function markdownTable(header: readonly string[], body: readonly (readonly string[])[]): string {
  const lines = [header, ...body].map((line) => line.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = header.map((_, column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
  const render = (line: readonly string[]): string =>
    `| ${widths.map((width, column) => (line[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return lines.flatMap((line, index) => (index === 0 ? [render(line), rule] : [render(line)])).join('\n');
}
