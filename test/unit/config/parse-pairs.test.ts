import { describe, expect, test } from 'vitest';
import { parseAttributes, parseHeaders } from '../../../src/config/parse-pairs.ts';
import { parsed } from '../../../src/config/parse.ts';

describe('headers', () => {
  test.each([
    ['api-key=abc', { 'api-key': 'abc' }],
    [' API-Key = abc , x=1 ,', { 'api-key': 'abc', x: '1' }],
    ['authorization=Bearer%20abc', { authorization: 'Bearer abc' }],
    ['authorization=Basic dTpw==', { authorization: 'Basic dTpw==' }],
    ['a=x%2Cy%3Dz', { a: 'x,y=z' }],
    ['a=1;b=2', { a: '1;b=2' }],
    ['a=', { a: '' }],
    ['a=1,A=2', { a: '2' }],
  ])('%s', (raw, value) => {
    expect(parseHeaders(raw)).toEqual(parsed(value));
  });

  test.each([
    ['hunter2', 'item 1 has no "="'],
    ['=hunter2', 'item 1 has no valid header name'],
    ['Bearer hunter2=', 'item 1 has no valid header name'],
    ['a=hunter2%zz', 'item 1 is not valid percent-encoding'],
    ['a=hunter2%', 'item 1 is not valid percent-encoding'],
    ['a=hunter2%0d%0aevil: 1', 'item 1 has a character no header may have'],
    ['a=hunter2%00', 'item 1 has a character no header may have'],
    ['a=hunter2%E2%82%AC', 'item 1 has a character no header may have'],
  ])('%s is ignored alone and not repeated', (item, problem) => {
    const expected = 'expected name=value pairs, percent-encoded';
    expect(parseHeaders(item)).toEqual({ value: {}, problem: `${expected} (${problem})` });
    expect(parseHeaders(`${item},b=1`)).toEqual({
      value: { b: '1' },
      problem: `${expected} (${problem})`,
    });
  });

  test('a name that objects have already is an ordinary name', () => {
    const { value } = parseHeaders('__proto__=1,constructor=2');
    expect(Object.entries(value ?? {})).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });
});

describe('attributes', () => {
  test.each([
    ['a=1', { a: '1' }],
    [' a = 1 , b.c=x y,', { a: '1', 'b.c': 'x y' }],
    ['a=%2C%3D%25', { a: ',=%' }],
    ['k%3D=v', { 'k=': 'v' }],
    ['a=', { a: '' }],
    ['a=1,a=2', { a: '2' }],
    ['a=%E2%82%AC', { a: '€' }],
  ])('%s', (raw, value) => {
    expect(parseAttributes(raw)).toEqual(parsed(value));
  });

  test.each(['b', '=1', 'b=1=2', 'b=%zz', '%=1', 'b=%E2%82', '%20'])('%s discards everything', (item) => {
    expect(parseAttributes(`a=1,${item},c=3`)).toEqual({
      value: undefined,
      problem: `expected key=value pairs, percent-encoded (got "${item}")`,
    });
  });

  test('only commas', () => {
    expect(parseAttributes(',').value).toBeUndefined();
  });
});
