import type { SqlDialect } from './sql-dialect.ts';

/** A piece of a statement; white space and comments are none. */
export interface Token {
  /** As it is written; `?` for a literal. */
  readonly text: string;
  /** In upper case, of a name or a keyword; empty for anything else. */
  readonly word: string;
  /** Whether white space or a comment is before it. */
  readonly apart: boolean;
}

/** Stands for the rest of a statement. */
export const REST: Token = { text: '…', word: '', apart: true };

/** Splits a statement as the database does. */
export function tokensOf(sql: string, { piece: pattern, commentsNest }: SqlDialect): readonly Token[] {
  const tokens: Token[] = [];
  let apart = false;
  let at = 0;
  while (at < sql.length) {
    pattern.lastIndex = at;
    const piece = pattern.exec(sql);
    if (piece === null) break;
    const between = piece[1];
    const delimiter = piece[3];
    const name = piece[4];
    at = pattern.lastIndex;
    if (between !== undefined) {
      if (between === '/*') at = commentsNest ? endOfNestedComment(sql, at) : endOf(sql, '*/', at);
      apart = true;
      continue;
    }
    if (piece[5] !== undefined) return [...tokens, REST];
    if (delimiter !== undefined) at = endOf(sql, delimiter, at);
    const isLiteral = piece[2] !== undefined || delimiter !== undefined;
    tokens.push({ text: isLiteral ? '?' : piece[0], word: name === undefined ? '' : name.toUpperCase(), apart });
    apart = false;
  }
  return tokens;
}

function endOfNestedComment(sql: string, from: number): number {
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
