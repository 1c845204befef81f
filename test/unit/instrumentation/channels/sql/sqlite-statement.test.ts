import { expect, it } from 'vitest';
import { SQLITE } from '../../../../../src/instrumentation/channels/sql/sql-dialect.ts';
import { statementReader } from '../../../../../src/instrumentation/channels/sql/statement.ts';

const statementOf = statementReader(SQLITE);

it.each([
  [
    "insert into t values ('o''marker', x'0102', NULL, 1.5, -3)",
    'insert into t values (?, ?, NULL, ?, -?)',
    'INSERT t',
  ],
  [
    'select "a", `b`, [c d] from "t" where e = ?1 and f = :g and h = @i and j = $k',
    'select "a", `b`, [c d] from "t" where e = ?1 and f = :g and h = @i and j = $k',
    'SELECT "t"',
  ],
  [String.raw`select 'marker\', a, 'marker'`, 'select ?, a, ?', 'SELECT'],
  ["select 1 -- marker '\n, 2 /* marker /* */, a->>'$.marker' from t", 'select ? , ? , a->>? from t', 'SELECT t'],
  ["insert or replace into t values ('marker')", 'insert or replace into t values (?)', 'INSERT t'],
  ['update or ignore t set a = 1', 'update or ignore t set a = ?', 'UPDATE t'],
  ["pragma journal_mode = 'wal'", 'pragma journal_mode = ?', 'PRAGMA'],
  ["attach database 'marker.db' as other", 'attach database ? as other', 'ATTACH'],
  ["select 'never closed marker", 'select ?', 'SELECT'],
])('%s', (sql, text, summary) => {
  expect(statementOf(sql)).toEqual({ text, summary });
});
