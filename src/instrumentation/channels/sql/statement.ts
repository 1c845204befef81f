import type { SqlDialect } from './sql-dialect.ts';
import { summaryOf } from './sql-summary.ts';
import { REST, type Token, tokensOf } from './sql-tokens.ts';

export interface Statement {
  /** Without literals and comments: `?` stands for each literal, parameters (`$1`) stay. */
  readonly text: string;
  /** Empty if no command is recognised. */
  readonly summary: string;
}

/** Of what is longer, as a bulk insert with its values, only the beginning is looked at. */
const MAX_LENGTH = 4096;
const CACHED = 300;

/** @returns what is recorded of a statement in this dialect */
export function statementReader(dialect: SqlDialect): (sql: string) => Statement {
  const cache = new Map<string, Statement>();
  return (sql) => {
    const cached = cache.get(sql);
    if (cached !== undefined) return cached;
    const isShort = sql.length <= MAX_LENGTH;
    const tokens = tokensOf(isShort ? sql : sql.slice(0, MAX_LENGTH), dialect);
    const statement = { text: textOf(isShort ? tokens : [...tokens, REST]), summary: summaryOf(tokens) };
    if (isShort) {
      // Texts with values in them are all different.
      if (cache.size >= CACHED) cache.clear();
      cache.set(sql, statement);
    }
    return statement;
  };
}

function textOf(tokens: readonly Token[]): string {
  let text = '';
  for (const token of tokens) text += token.apart && text !== '' ? ` ${token.text}` : token.text;
  return text;
}
