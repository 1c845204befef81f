import { expect, it } from 'vitest';
import { lineTime, timeKeyIn } from '../../../../src/instrumentation/logs/line-time.ts';

const NOW = 1_700_000_000_400;

it.each([
  [1_600_000_000_123, 1_600_000_000_123],
  [1_600_000_000, 1_600_000_000_000],
  // Of the same second, rounded down or up.
  [1_700_000_000, NOW],
  [1_700_000_001, NOW],
  [1_700_000_002, 1_700_000_002_000],
  ['2023-11-14T22:13:20.123Z', 1_700_000_000_123],
  ['noon', undefined],
  ['1970-01-01T00:00:00.000Z', undefined],
  [0, undefined],
  [1e300, undefined],
  [null, undefined],
])('%j is %j', (value, expected) => {
  expect(lineTime(value, NOW)).toBe(expected);
});

it.each([
  [',"time":1', 'time'],
  [',"@timestamp":"x"', '@timestamp'],
  ['', undefined],
  [',"a\\"b":1', undefined],
  [undefined, undefined],
])('the key in %j is %j', (written, expected) => {
  expect(timeKeyIn(written)).toBe(expected);
});
