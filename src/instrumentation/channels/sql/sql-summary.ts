import type { Token } from './sql-tokens.ts';

/** A word that begins a statement is only taken if it is a command: others may be anything. */
const COMMANDS = new Set(
  (
    'ABORT ALTER ANALYZE ATTACH BEGIN CALL CHECK CHECKPOINT CHECKSUM CLOSE CLUSTER COMMENT COMMIT COPY CREATE DEALLOCATE DECLARE DELETE DESC ' +
    'DESCRIBE DETACH DISCARD DO DROP END EXECUTE EXPLAIN FETCH FLUSH GRANT HANDLER IMPORT INSERT KILL LISTEN LOAD LOCK MERGE MOVE NOTIFY ' +
    'OPTIMIZE PRAGMA PREPARE REASSIGN REFRESH REINDEX RELEASE RENAME REPAIR REPLACE RESET REVOKE ROLLBACK SAVEPOINT SELECT SET SHOW START ' +
    'TABLE TRUNCATE UNLISTEN UNLOCK UPDATE USE VACUUM VALUES XA'
  ).split(' '),
);
/** They have a name behind the kind of object: `DROP TABLE IF EXISTS orders`. */
const OF_OBJECTS = new Set(['ALTER', 'CREATE', 'DROP']);
const OBJECTS = new Set(
  'DATABASE DOMAIN EXTENSION FUNCTION INDEX POLICY PROCEDURE ROLE SCHEMA SEQUENCE TABLE TRIGGER TYPE USER VIEW'.split(
    ' ',
  ),
);
/** Also within a statement. */
const OPERATIONS = new Set(['DELETE', 'INSERT', 'MERGE', 'SELECT', 'UPDATE']);
/** Then it is none: `FOR UPDATE`, `ON CONFLICT DO UPDATE`, `ON DELETE CASCADE`, `WHEN MATCHED THEN UPDATE`. */
const BEFORE_NO_OPERATION = new Set(['DO', 'FOR', 'KEY', 'ON', 'THEN']);
/** A name comes behind them. */
const BEFORE_TARGET = new Set(['CALL', 'COPY', 'FROM', 'INTO', 'JOIN', 'TABLE', 'TRUNCATE', 'UPDATE', 'USING']);
/** They may come before the name. */
const BEFORE_NAME = new Set('CONCURRENTLY EXISTS IF IGNORE LATERAL LOW_PRIORITY NOT ONLY OR REPLACE TABLE'.split(' '));

const MAX_LENGTH = 255;
const END: Token = { text: '', word: '', apart: false };

/** `db.query.summary`: the operations of a statement and the names of their tables, as they are written. */
export function summaryOf(tokens: readonly Token[]): string {
  const parts: string[] = [];
  /** Of each pair of parentheses: whether it is a query, not the arguments of `extract(year FROM day)`. */
  const queries = [false];
  let begins = true;
  let before = '';
  let index = 0;
  for (const { text, word } of tokens) {
    index += 1;
    if (word === '') {
      if (text === '(') queries.push(false);
      else if (text === ')' && queries.length > 1) queries.pop();
      else if (text === ';') begins = true;
    } else {
      const isOperation = OPERATIONS.has(word) ? !BEFORE_NO_OPERATION.has(before) : begins && COMMANDS.has(word);
      if (isOperation) {
        parts.push(word);
        queries[queries.length - 1] = true;
      }
      const isObject = OBJECTS.has(word) && OF_OBJECTS.has(parts.at(-1) ?? '');
      if (isObject) parts.push(word);
      if (isObject || (queries.at(-1) === true && isBeforeTarget(word, before, begins))) {
        parts.push(...namesFrom(tokens, index, word === 'FROM'));
      }
      // `FROM stdin` is none.
      if (word === 'COPY') queries[queries.length - 1] = false;
      begins = false;
    }
    before = word;
  }
  return shortened(parts);
}

function isBeforeTarget(word: string, before: string, begins: boolean): boolean {
  if (!BEFORE_TARGET.has(word)) return false;
  if (word === 'FROM') return before !== 'DISTINCT';
  if (word === 'TABLE') return begins;
  return word !== 'UPDATE' || !BEFORE_NO_OPERATION.has(before);
}

/** The name at a position, with its schema. Nothing for a subquery and a function. */
function namesFrom(tokens: readonly Token[], from: number, several: boolean): string[] {
  const at = (index: number): Token => tokens[index] ?? END;
  let index = from;
  while (BEFORE_NAME.has(at(index).word)) index += 1;
  let name = '';
  while (at(index).word !== '') {
    name += at(index).text;
    index += 1;
    if (at(index).text !== '.') break;
    name += '.';
    index += 1;
  }
  if (name === '' || (several && at(index).text === '(')) return [];
  if (!several) return [name];
  if (at(index).word === 'AS') index += 1;
  if (at(index).word !== '') index += 1;
  return at(index).text === ',' ? [name, ...namesFrom(tokens, index + 1, true)] : [name];
}

/** Not cut within a name. */
function shortened(parts: readonly string[]): string {
  let summary = '';
  for (const part of parts) {
    const longer = summary === '' ? part : `${summary} ${part}`;
    if (longer.length > MAX_LENGTH) break;
    summary = longer;
  }
  return summary;
}
