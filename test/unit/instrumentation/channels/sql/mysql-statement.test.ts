import { format } from 'mysql2';
import { describe, expect, it } from 'vitest';
import { MYSQL } from '../../../../../src/instrumentation/channels/sql/sql-dialect.ts';
import { statementReader } from '../../../../../src/instrumentation/channels/sql/statement.ts';

const statementOf = statementReader(MYSQL);

describe('the text of a statement of MySQL has no values', () => {
  it.each([
    ['select * from t where a = ? and b = :c', 'select * from t where a = ? and b = :c'],
    [String.raw`select 'marker', "marker", 'it\'s marker', 'it''s marker', "say \"marker\""`, 'select ?, ?, ?, ?, ?'],
    [String.raw`select 'marker\\', 1, "\\", 2`, 'select ?, ?, ?, ?'],
    ["select b'101', X'1FF', x'ab', n'marker', _utf8mb4'marker'", 'select ?, ?, ?, ?, _utf8mb4?'],
    ['select 1, 1.5, .5, 1e10, 1.5E-3, 0xFF, 0b01, -7', 'select ?, ?, ?, ?, ?, ?, ?, -?'],
    ['select `a``b`, `shop`.`1st`, c$d, @e from `f g`', 'select `a``b`, `shop`.`1st`, c$d, @e from `f g`'],
    ['select @\'marker\', @"marker"', 'select @?, @?'],
    ['select 1 -- marker \'x\n, 2 # marker "y\n, 3 /* marker /* */ , 4', 'select ? , ? , ? , ?'],
    ["select 5--'marker'\n, 'marker'", 'select ?--? , ?'],
    ["select '/*', a, '*/', '#', '-- '", 'select ?, a, ?, ?, ?'],
    ["select a /*! , 'marker' */ from t", 'select a …'],
    ["select a /*M!100100 , 'marker' */ from t", 'select a …'],
    [
      "create function f() returns int language javascript as $$ return 'marker' $$",
      'create function f() returns int language javascript as …',
    ],
    [String.raw`select 'never closed marker\'`, 'select ?'],
    ['insert into t values (1, \'a\'),\n\t(2, "b")', 'insert into t values (?, ?), (?, ?)'],
    ['', ''],
  ])('%s', (sql, text) => {
    expect(statementOf(sql).text).toBe(text);
  });

  it('whatever the values are that the library puts into it', () => {
    const pieces = [
      "'",
      '"',
      '\\',
      '`',
      '--',
      '-- ',
      '#',
      '/*',
      '*/',
      '/*!',
      '$$',
      ';',
      '\n',
      '\0',
      '?',
      ' ',
      'é',
      '\u{1f600}',
      '%',
    ];
    let seed = 12_345;
    const random = (below: number): number => {
      // The constants of Numerical Recipes.
      seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
      return seed % below;
    };
    const value = (): string =>
      Array.from({ length: 1 + random(8) }, () =>
        random(3) === 0 ? 'marker' : (pieces[random(pieces.length)] ?? ''),
      ).join('');
    for (let round = 0; round < 5000; round += 1) {
      const values = [value(), { key: value() }, [value(), value()], Buffer.from(value()), random(1000)];
      const sql = format('insert into t (a, b, c, d) values (?, ?), (?), (?), ? -- end', values);
      expect(statementOf(sql).text).toMatch(
        /^insert into t \(a, b, c, d\) values \(\?, (\?|`key` = \?)\), \(\?, \?\), \((x\?|\?)\), \?$/,
      );
    }
  });
});

describe('the summary is made of operations and tables', () => {
  it.each([
    ['select * from `items` i, shop.orders where id = ?', 'SELECT `items` shop.orders'],
    ['select * from a straight_join b join c on true', 'SELECT a c'],
    ["insert ignore into items (a) values ('x') on duplicate key update a = 1", 'INSERT items'],
    ['replace into items set a = 1', 'REPLACE items'],
    ["select replace(a, 'b', 'c') from t", 'SELECT t'],
    ['update low_priority items set a = 1', 'UPDATE items'],
    ['delete from items where a in (select b from c)', 'DELETE items SELECT c'],
    ['delete a from a join b on true', 'DELETE a b'],
    ['start transaction', 'START'],
    ['use shop', 'USE'],
    ['show tables', 'SHOW'],
    ['describe items', 'DESCRIBE'],
    ["set names 'utf8mb4'", 'SET'],
    ['call work(?)', 'CALL work'],
    ['load data infile ? into table items', 'LOAD items'],
    ['create table if not exists t (a int)', 'CREATE TABLE t'],
  ])('%s', (sql, summary) => {
    expect(statementOf(sql).summary).toBe(summary);
  });
});
