import { describe, expect, it } from 'vitest';
import { isOtlpTime, isOtlpTimeInput, toOtlpTime } from '../../../src/otlp/otlp-time.ts';

/** The last second of 64 bits of nanoseconds. */
const LAST = 18_446_744_072;

describe('isOtlpTime', () => {
  it.each<[readonly [number, number], boolean]>([
    [[0, 0], true],
    [[LAST, 999_999_999], true],
    [[LAST + 1, 0], false],
    [[-1, 0], false],
    [[0, -1], false],
    [[0, 1e9], false],
    [[Number.NaN, 0], false],
    [[0, Number.NaN], false],
    [[Infinity, 0], false],
  ])('of %j is %s', ([seconds, nanos], is) => {
    expect(isOtlpTime([seconds, nanos])).toBe(is);
  });
});

describe('isOtlpTimeInput', () => {
  it.each<[unknown, boolean]>([
    [0, true],
    [-1, false],
    [(LAST + 1) * 1000 - 1, true],
    [(LAST + 1) * 1000, false],
    [Number.NaN, false],
    [new Date(0), true],
    [new Date(-1), false],
    [new Date(Number.NaN), false],
    [[1, 2], true],
    [[1, -2], false],
    [[1], false],
    [[1, 2, 3], false],
    [['1', 2], false],
    [[1, '2'], false],
    [{ length: 2, 0: 1, 1: 2 }, false],
    ['12', false],
    [undefined, false],
    [null, false],
  ])('of %o is %s', (value, is) => {
    expect(isOtlpTimeInput(value)).toBe(is);
  });
});

describe('toOtlpTime', () => {
  it.each<[readonly [number, number], readonly [number, number] | undefined]>([
    [
      [1, 2],
      [1, 2],
    ],
    [
      [-1, 0],
      [0, 0],
    ],
    [
      [5, -1],
      [0, 0],
    ],
    [[LAST + 1, 0], undefined],
    [[LAST + 1, 1], undefined],
    [[Number.NaN, -1], undefined],
    [[-1, Number.NaN], undefined],
    [[-Infinity, 0], undefined],
  ])('of %j is %j', ([seconds, nanos], time) => {
    expect(toOtlpTime([seconds, nanos])).toEqual(time);
  });
});
