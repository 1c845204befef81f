import { expect, test } from 'vitest';
import { free } from '../../../src/collector/free.ts';

test('a large buffer of its own is given back', () => {
  const buffer = Buffer.allocUnsafeSlow(100_000);
  free(buffer);
  expect(buffer.length).toBe(0);
});

test('a part of one that is longer than a pool is the owner of it all', () => {
  const part = Buffer.allocUnsafeSlow(100_000).subarray(0, 10);
  free(part);
  expect(part.length).toBe(0);
});

test.each([
  ['a part of the pool', () => Buffer.from('abc')],
  ['a part of what may be a pool', () => Buffer.allocUnsafeSlow(64 * 1024).subarray(0, 3)],
  ['a part that does not begin where its buffer does', () => Buffer.allocUnsafeSlow(100_000).subarray(1)],
])('%s is left alone', (_what, make) => {
  const buffer = make();
  const { length } = buffer;
  free(buffer);
  expect(buffer.length).toBe(length);
});
