/** A piece of a statement; white space and comments are none. */
export interface Token {
  /** As it is written; `?` for a literal. */
  readonly text: string;
  /** In upper case, of a name or a keyword; empty for anything else. */
  readonly word: string;
  /** Whether white space or a comment is before it. */
  readonly apart: boolean;
}

const NAME = String.raw`[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*`;
const ESCAPED = String.raw`[eE]'(?:[^'\\]|\\[\s\S]|'')*'?`;
const QUOTED = String.raw`(?:[bBnNxX]|[uU]&)?'(?:[^']|'')*'?`;
const NUMBER = String.raw`(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?\w*`;

/**
 * A piece at a position: 1 white space and the beginning of a comment, 2 a literal, 3 the delimiter of a literal, 4 a name. Literals may
 * lack their end, since the text may have been cut. Groups with names would double the time.
 */
const PIECE = new RegExp(
  [
    String.raw`(\s+|--[^\n]*|\/\*)`,
    `(${ESCAPED}|${QUOTED}|${NUMBER})`,
    String.raw`(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    `((?:[uU]&)?"(?:[^"]|"")*"?|${NAME})`,
    String.raw`\$\d+|::|[\s\S]`,
  ].join('|'),
  'y',
);

/** Splits a statement as PostgreSQL does, with `standard_conforming_strings` on, its default. */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let apart = false;
  let at = 0;
  while (at < sql.length) {
    PIECE.lastIndex = at;
    const piece = PIECE.exec(sql);
    if (piece === null) break;
    const between = piece[1];
    const delimiter = piece[3];
    const name = piece[4];
    at = PIECE.lastIndex;
    if (between !== undefined) {
      if (between === '/*') at = endOfComment(sql, at);
      apart = true;
      continue;
    }
    if (delimiter !== undefined) at = endOf(sql, delimiter, at);
    const isLiteral = piece[2] !== undefined || delimiter !== undefined;
    tokens.push({ text: isLiteral ? '?' : piece[0], word: name === undefined ? '' : name.toUpperCase(), apart });
    apart = false;
  }
  return tokens;
}

/** Comments of `/*` can be nested. */
function endOfComment(sql: string, from: number): number {
  let depth = 1;
  let at = from;
  while (depth > 0 && at < sql.length) {
    if (sql.startsWith('/*', at)) depth += 1;
    else if (sql.startsWith('*/', at)) depth -= 1;
    else {
      at += 1;
      continue;
    }
    at += 2;
  }
  return at;
}

function endOf(sql: string, delimiter: string, from: number): number {
  const end = sql.indexOf(delimiter, from);
  return end === -1 ? sql.length : end + delimiter.length;
}
