import { summaryOf } from './sql-summary.ts';
import { type Token, tokensOf } from './sql-tokens.ts';

export interface Statement {
  /** Without literals and comments: `?` stands for each literal, parameters (`$1`) stay. */
  readonly text: string;
  /** Empty if no command is recognised. */
  readonly summary: string;
}

/** Of what is longer, as a bulk insert with its values, only the beginning is looked at. */
const MAX_LENGTH = 4096;
const CACHED = 300;

const cache = new Map<string, Statement>();

/** What is recorded of a statement. */
export function statementOf(sql: string): Statement {
  const cached = cache.get(sql);
  if (cached !== undefined) return cached;
  const tokens = tokensOf(sql.slice(0, MAX_LENGTH));
  const statement = { text: textOf(tokens) + (sql.length > MAX_LENGTH ? ' …' : ''), summary: summaryOf(tokens) };
  if (sql.length <= MAX_LENGTH) {
    // Texts with values in them are all different.
    if (cache.size >= CACHED) cache.clear();
    cache.set(sql, statement);
  }
  return statement;
}

function textOf(tokens: readonly Token[]): string {
  let text = '';
  for (const token of tokens) text += token.apart && text !== '' ? ` ${token.text}` : token.text;
  return text;
}
