import { describe, expect, test } from 'vitest';
import { NEGATIVE_ZERO } from '../../../../src/values/negative-zero.ts';
import { scalars } from '../../../../src/collector/codec/scalars.ts';
import type { ScalarType } from '../../../../src/collector/codec/schema.ts';

type Case = readonly [input: unknown, stored: unknown];
type Row = readonly [type: ScalarType, ...cases: Case[]];

/** What OTLP/JSON may say, and what is stored; undefined where it is refused. */
const rows: readonly Row[] = [
  ['string', ['', ''], ['text\n', 'text\n'], [1, undefined], [true, undefined], [{}, undefined], [12n, undefined]],
  ['bool', [true, true], [false, false], ['true', undefined], [1, undefined]],
  [
    'double',
    [1.5, 1.5],
    ['1.5', 1.5],
    ['-2e3', -2000],
    [9007199254740993n, 9007199254740992],
    [-0, NEGATIVE_ZERO],
    ['-0', NEGATIVE_ZERO],
    ['-0.0e5', NEGATIVE_ZERO],
    ['-1e-400', NEGATIVE_ZERO],
    [0, 0],
    ['0.0', 0],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['-Infinity', '-Infinity'],
    [Number.POSITIVE_INFINITY, undefined],
    ['1e400', undefined],
    ['0x10', undefined],
    ['', undefined],
    ['nan', undefined],
    [true, undefined],
  ],
  [
    'bytes',
    ['', ''],
    ['AAH+/w==', 'AAH+/w=='],
    ['AAH-_w', 'AAH+/w=='],
    ['AA', 'AA=='],
    ['A', undefined],
    ['AA=A', undefined],
    ['A A=', undefined],
    [[0, 1], undefined],
  ],
  [
    'id',
    ['', ''],
    ['0af7651916cd43dd8448eb211c80319c', '0af7651916cd43dd8448eb211c80319c'],
    ['B7AD6B7169203331', 'b7ad6b7169203331'],
    // No hex: an id of a length that no id has.
    ['b7a', '00'],
    ['zz', '00'],
    ['Cvdl', '00'],
    [5, undefined],
  ],
  ['enum', [2, 2], [-1, -1], [99, 99], ['2', undefined], ['SPAN_KIND_SERVER', undefined], [1.5, undefined]],
  [
    'uint32',
    [0, 0],
    [4294967295, 4294967295],
    ['17', 17],
    [1e3, 1000],
    [-0, 0],
    [-1, undefined],
    [4294967296, undefined],
    [1.5, undefined],
    ['1.5', undefined],
    ['', undefined],
    [true, undefined],
  ],
  ['int32', [-2147483648, -2147483648], [2147483647, 2147483647], [2147483648, undefined], [-2147483649, undefined]],
  ['sint32', ['-5', -5], [2147483648, undefined]],
  ['fixed32', [257, 257], [-1, undefined]],
  [
    'int64',
    [0, '0'],
    [-42, '-42'],
    ['007', '7'],
    ['-0', '0'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    // JSON.parse has rounded it; otlp-json.ts reads the text again and comes back with a BigInt.
    [9007199254740992, undefined],
    [9007199254740993n, '9007199254740993'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['9223372036854775808', undefined],
    ['-9223372036854775809', undefined],
    // ProtoJSON: exponent notation is accepted, quoted too, where the value is integral.
    ['1e3', '1000'],
    ['1.7E+18', '1700000000000000000'],
    ['1764000000000000001e0', '1764000000000000001'],
    ['176400000000.0000001e7', '1764000000000000001'],
    ['-9.223372036854775808e18', '-9223372036854775808'],
    ['9.223372036854775808e18', undefined],
    ['1000e-3', '1'],
    ['1.0', '1'],
    ['0e999999999', '0'],
    ['-0.0', '0'],
    ['1e-1', undefined],
    ['1.5', undefined],
    ['1e999999999', undefined],
    [`1e-${'9'.repeat(400)}`, undefined],
    ['e3', undefined],
    ['+1', undefined],
    ['1e', undefined],
    ['.5e1', undefined],
    [' 1', undefined],
    ['', undefined],
    [1.5, undefined],
    [null, undefined],
  ],
  ['sfixed64', ['-1', '-1'], ['9223372036854775808', undefined]],
  [
    'fixed64',
    ['18446744073709551615', '18446744073709551615'],
    ['18446744073709551616', undefined],
    ['-1', undefined],
    [-1, undefined],
  ],
  ['uint64', ['18446744073709551615', '18446744073709551615'], ['1'.repeat(41), undefined]],
];

describe('from JSON', () => {
  test.each(rows.map((row) => ({ row, type: row[0] })))('$type', ({ row: [type, ...cases] }) => {
    const got = cases.map(([input]) => [input, scalars[type].fromJson(input)]);
    expect(got).toEqual(cases);
  });

  test('there is a row for every type', () => {
    expect(rows.map(([type]) => type).sort()).toEqual(Object.keys(scalars).sort());
  });
});
