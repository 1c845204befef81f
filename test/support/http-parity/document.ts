import type { ExpectedDifference } from './expected-differences.ts';

const TABLE_HEAD: readonly string[] = ['Where', 'Field', 'Cases', 'instrumentation-http', 'swansong', 'What decides'];

/** The cells of a row of docs/http.md. */
export function cellsOf(difference: ExpectedDifference): readonly string[] {
  const { where, field, cases, instrumentationHttp, swansong, rule } = difference;
  return [
    where.join(', '),
    field,
    cases === 'all' ? cases : cases.join(', '),
    code(instrumentationHttp),
    code(swansong),
    rule,
  ];
}

/** The cells of all rows of the table that begins with `TABLE_HEAD`; none where there is no such table. */
export function rowsOf(markdown: string): readonly (readonly string[])[] {
  const lines = markdown.split('\n').map((line) => line.trim());
  const head = lines.findIndex((line) => line.startsWith('|') && splitRow(line).join() === TABLE_HEAD.join());
  if (head === -1) return [];
  const body = lines.slice(head + 2);
  const end = body.findIndex((line) => !line.startsWith('|'));
  return body.slice(0, end === -1 ? undefined : end).map(splitRow);
}

function code(value: string): string {
  return value === '(absent)' || value === '(empty)' ? value : `\`${value}\``;
}

function splitRow(line: string): string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}
