import { describe, expect, it } from 'vitest';
import { POSTGRESQL } from '../../../../../src/instrumentation/channels/sql/sql-dialect.ts';
import { statementReader } from '../../../../../src/instrumentation/channels/sql/statement.ts';

const statementOf = statementReader(POSTGRESQL);

describe('the text of a statement has no values', () => {
  it.each([
    ['select * from t where a = $1 and b = $23', 'select * from t where a = $1 and b = $23'],
    ["select 'marker', E'it\\'s marker', 'it''s marker', N'marker', U&'d\\0061marker'", 'select ?, ?, ?, ?, ?'],
    ["select B'101', X'1FF', x'ab'", 'select ?, ?, ?'],
    ['select $$marker$$, $tag$ $$ marker $tag$, $1', 'select ?, ?, $1'],
    ['select 1, 1.5, .5, 1e10, 1.5E-3, 0xFF, 1_000, -7', 'select ?, ?, ?, ?, ?, ?, ?, -?'],
    ['select a1, t2.b3, "Table 4"."c5", x_6 from s7', 'select a1, t2.b3, "Table 4"."c5", x_6 from s7'],
    ['select a[1:2], b->3, c::int4, 5::text', 'select a[?:?], b->?, c::int4, ?::text'],
    ["select date'2020-01-01', interval '1 day'", 'select date?, interval ?'],
    ["select 1 -- marker 'x\n, 2 /* marker /* nested */ marker */ , 3", 'select ? , ? , ?'],
    ["select '/*', a, '*/'", 'select ?, a, ?'],
    ['select "a--b", "say ""hi"""', 'select "a--b", "say ""hi"""'],
    ["select 'never closed marker", 'select ?'],
    ['select $x$never closed marker', 'select ?'],
    ['select /* never closed marker', 'select'],
    ["select 'über', ä from é", 'select ?, ä from é'],
    ["insert into t values (1, 'a'),\n\t(2, 'b')", 'insert into t values (?, ?), (?, ?)'],
    ['', ''],
  ])('%s', (sql, text) => {
    expect(statementOf(sql).text).toBe(text);
  });

  it('nor one that is cut', () => {
    const long = `insert into t values ${Array.from({ length: 5000 }, () => "('marker', 123456)").join(',')}`;
    const { text, summary } = statementOf(long);
    expect({ text: text.replaceAll('(?, ?),', ''), summary }).toEqual({
      text: expect.stringMatching(/^insert into t values \(?\??,? ?\??\)? …$/),
      summary: 'INSERT t',
    });
  });

  it.each([1, 7, 100])('also after %i hundred other ones', (hundreds) => {
    for (let index = 0; index < hundreds * 100; index += 1) statementOf(`select ${index} from t`);
    expect(statementOf('select 1 from t')).toEqual({ text: 'select ? from t', summary: 'SELECT t' });
  });
});

describe('the summary is made of operations and tables', () => {
  it.each([
    ['select * from items where id = $1', 'SELECT items'],
    ['SELECT 1', 'SELECT'],
    ['select * from shop.items i, "Order Lines" as l, c', 'SELECT shop.items "Order Lines" c'],
    ['select * from a join b on true left join lateral (select * from c) d on true', 'SELECT a b SELECT c'],
    ['select * from only a', 'SELECT a'],
    ['select count(*) from (select id from a) x', 'SELECT SELECT a'],
    ['select extract(year from day), trim(both from x) from days', 'SELECT days'],
    ['select a is distinct from b from t', 'SELECT t'],
    ['select * from generate_series(1, 3) g', 'SELECT'],
    ['select * from jobs for update skip locked', 'SELECT jobs'],
    ['insert into items (a) values ($1) on conflict (a) do update set a = $1', 'INSERT items'],
    ['insert into a select * from b', 'INSERT a SELECT b'],
    ['update items set a = 1 from others where true', 'UPDATE items others'],
    ['delete from items using others where true', 'DELETE items others'],
    ['with x as (delete from a returning *) insert into b select * from x', 'DELETE a INSERT b SELECT x'],
    ['merge into a using b on true when matched then delete', 'MERGE a b'],
    ['create temp table if not exists t (a int references b on delete cascade)', 'CREATE TABLE t'],
    ['create unique index concurrently i on t (a)', 'CREATE INDEX i'],
    ['drop table if exists shop.t', 'DROP TABLE shop.t'],
    ['alter table t add column c int', 'ALTER TABLE t'],
    ['truncate table t', 'TRUNCATE t'],
    ['copy items (a, b) from stdin', 'COPY items'],
    ['call work($1)', 'CALL work'],
    ['begin', 'BEGIN'],
    ['begin; update a set b = 1; commit', 'BEGIN UPDATE a COMMIT'],
    ["set application_name to 'marker'", 'SET'],
    ['explain select * from a', 'EXPLAIN SELECT a'],
    ['values (1)', 'VALUES'],
    ['notjustany nonsense', ''],
    ['/* select */', ''],
  ])('%s', (sql, summary) => {
    expect(statementOf(sql).summary).toBe(summary);
  });

  it('of at most 255 characters, not cut within a name', () => {
    const names = Array.from({ length: 40 }, (_, index) => `table_${index + 10}`);
    expect(statementOf(`select * from ${names.join(', ')}`).summary).toBe(`SELECT ${names.slice(0, 27).join(' ')}`);
  });
});
