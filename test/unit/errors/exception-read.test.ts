import { describe, expect, it } from 'vitest';
import { readData } from '../../../src/errors/exception-read.ts';
import { objectLabel, substituteMessage } from '../../../src/errors/exception-label.ts';

/** A property so many prototypes away. */
function inherited(prototypes: number): object {
  let object: object = { found: true };
  for (let count = 0; count < prototypes; count += 1) object = Object.create(object);
  return object;
}

describe('readData', () => {
  it('looks at 100 objects of a chain of prototypes', () => {
    expect(readData(inherited(99), 'found')).toBe(true);
    expect(readData(inherited(100), 'found')).toBe(undefined);
  });

  it('runs no trap of a Proxy and no getter', () => {
    const fail = (): never => {
      throw new Error('run');
    };
    expect(readData(new Proxy({}, { getOwnPropertyDescriptor: fail, getPrototypeOf: fail }), 'a')).toBe(undefined);
    expect(readData(Object.defineProperty({}, 'a', { get: fail }), 'a')).toBe(undefined);
  });
});

describe('objectLabel', () => {
  it.each<[object, string]>([
    [{}, '[Object]'],
    [Object.create(null), '[Object]'],
    [new Map(), '[Map]'],
    [new TypeError('no'), '[TypeError: no]'],
    [{ message: 'no' }, '[Object: no]'],
    [{ message: 5 }, '[Object]'],
    [new Proxy({}, {}), '[Proxy]'],
    [() => {}, '[Function]'],
    [Object.defineProperty(() => {}, 'name', { value: 'named' }), '[Function: named]'],
  ])('of %o is %s', (value, label) => {
    expect(objectLabel(value)).toBe(label);
  });

  it('has 512 characters at most', () => {
    expect(objectLabel({ message: 'x'.repeat(502) })).toBe(`[Object: ${'x'.repeat(502)}]`);
    expect(objectLabel({ message: 'x'.repeat(600) })).toContain('characters not shown');
    expect(objectLabel({ message: 'x'.repeat(600) }).length).toBeLessThanOrEqual(512);
  });
});

describe('substituteMessage', () => {
  const error = (values: object): Error => Object.assign(new Error(''), { stack: undefined }, values);

  it.each<[string, object, string]>([
    ['its inner errors', error({ errors: [new Error('a'), 'text', new Error(''), new Error('b')] }), 'a; b'],
    ['its stack', error({ stack: 'Error: from the stack\n    at f (x.js:1:1)' }), 'from the stack'],
    ['its code, if the stack says nothing', error({ stack: 'Error\n    at f: (x.js:1:1)', code: 'ECODE' }), 'ECODE'],
    [
      'its code, if the stack has an empty message',
      error({ stack: 'Error: \n    at f (x.js:1:1)', code: 'ECODE' }),
      'ECODE',
    ],
    ['its type, if the code is empty', error({ code: '' }), 'Type'],
    ['its type, if the code is a number', error({ code: 5 }), 'Type'],
  ])('is that of %s', (_what, value, message) => {
    expect(substituteMessage(value, 'Type')).toBe(message);
  });

  it('has the messages of eight inner errors', () => {
    const errors = Array.from({ length: 10 }, (_, index) => new Error(String(index)));
    expect(substituteMessage(error({ errors }), 'Type')).toBe('0; 1; 2; 3; 4; 5; 6; 7');
  });
});
