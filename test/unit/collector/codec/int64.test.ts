import { expect, test } from 'vitest';
import {
  decimalFromJson,
  INT64,
  signedDecimal,
  UINT64,
  unsignedDecimal,
} from '../../../../src/collector/codec/int64.ts';

test.each([
  { value: 0n },
  { value: 1n },
  { value: 2n ** 32n - 1n },
  { value: 2n ** 32n },
  { value: 2n ** 53n + 1n },
  { value: 1_795_357_453_457_514_345n },
  { value: 2n ** 63n - 1n },
  { value: 2n ** 63n },
  { value: 2n ** 64n - 1n },
])('the halves of $value make its decimal', ({ value }) => {
  const low = Number(value & 0xffff_ffffn);
  const high = Number(value >> 32n);
  expect(unsignedDecimal(low, high)).toBe(value.toString());
  expect(signedDecimal(low, high)).toBe(BigInt.asIntN(64, value).toString());
});

test('a range is inclusive at both ends', () => {
  for (const { min, max } of [INT64, UINT64]) {
    const inside = [min, max].map((value) => decimalFromJson(value.toString(), { min, max }));
    const outside = [min - 1n, max + 1n].map((value) => decimalFromJson(value.toString(), { min, max }));
    expect({ inside, outside }).toEqual({ inside: [min.toString(), max.toString()], outside: [undefined, undefined] });
  }
});
