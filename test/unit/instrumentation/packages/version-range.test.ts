import { expect, test } from 'vitest';
import { satisfies } from '../../../../src/instrumentation/packages/version-range.ts';

test.each([
  ['>=14.0.0 <17', ['14.0.0', '16.9.9'], ['13.9.9', '17.0.0', '17.1.0', '17.0.0-rc.1']],
  ['>=8.0.3 <9', ['8.0.3', '8.1.0'], ['8.0.2', '9.0.0']],
  ['^5.1.0', ['5.1.0', '5.9.0'], ['5.0.9', '6.0.0']],
  ['^0.2.3', ['0.2.3', '0.2.9'], ['0.3.0', '0.2.2']],
  ['^0.0.3', ['0.0.3'], ['0.0.4']],
  ['^0', ['0.9.0'], ['1.0.0']],
  ['~1.2.3', ['1.2.3', '1.2.9'], ['1.3.0']],
  ['~1', ['1.9.0'], ['2.0.0']],
  ['4.x || 5.1.x', ['4.9.1', '5.1.7'], ['5.2.0', '3.9.9']],
  ['4', ['4.0.0', '4.9.0'], ['5.0.0']],
  ['1.2.3', ['1.2.3', '1.2.3+build'], ['1.2.4']],
  ['=1.2', ['1.2.9'], ['1.3.0']],
  ['>= 1.4.2 < 3.0', ['1.4.2', '2.9.9'], ['3.0.0', '1.4.1']],
  ['>1', ['2.0.0'], ['1.9.9']],
  ['<=3', ['3.9.9'], ['4.0.0']],
  ['*', ['0.0.1', '99.0.0'], []],
  ['', ['1.0.0'], []],
])('%s', (range, inside, outside) => {
  expect([
    inside.map((version) => satisfies(version, range)),
    outside.map((version) => satisfies(version, range)),
  ]).toEqual([inside.map(() => true), outside.map(() => false)]);
});

test('what cannot be read is neither in nor out', () => {
  expect([satisfies('1.2.3', 'latest'), satisfies('x', '*'), satisfies('1.2.3', '1.0.0 - 2.0.0')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(satisfies('1.2.3', 'latest || 1.x')).toBe(true);
});
