import { expect, it } from 'vitest';
import { seriesAttributes } from '../../../src/instrumentation/series-attributes.ts';

it('is the same frozen object for the same attributes', () => {
  const given = { 'http.route': '/a', 'http.response.status_code': 200 };
  const first = seriesAttributes(given);
  expect(first).toEqual(given);
  expect(Object.isFrozen(first)).toBe(true);
  expect(Object.isFrozen(given)).toBe(false);
  expect(seriesAttributes({ ...given })).toBe(first);
});

it.each([
  [{ a: 1 }, { a: '1' }],
  [{ a: 'b' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'a' }],
  [{ a: 'b' }, { a: 'b', c: 'd' }],
  [{ a: true }, { a: 'true' }],
  [{}, { a: undefined }],
])('is another one for other attributes: %o and %o', (one, other) => {
  expect(seriesAttributes(one)).toEqual(one);
  expect(seriesAttributes(other)).toEqual(other);
  expect(seriesAttributes(one)).not.toBe(seriesAttributes(other));
});

it('leaves lists alone, which may change', () => {
  const given = { list: ['a'] };
  expect(seriesAttributes(given)).toBe(given);
});

it('begins anew when there are too many values beside lists', () => {
  const first = seriesAttributes({ kept: true });
  for (let many = 0; many < 20_100; many += 1) seriesAttributes({ many, list: [] });
  expect(seriesAttributes({ kept: true })).not.toBe(first);
});

it('begins anew when there are too many', () => {
  const first = seriesAttributes({ many: 0 });
  for (let many = 1; many < 20_100; many += 1) expect(seriesAttributes({ many })).toEqual({ many });
  expect(seriesAttributes({ many: 0 })).toEqual(first);
  expect(seriesAttributes({ many: 0 })).not.toBe(first);
});
