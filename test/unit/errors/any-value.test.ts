import { runInNewContext } from 'node:vm';
import { isAnyValue } from '@opentelemetry/core';
import { describe, expect, it } from 'vitest';
import { anyValue } from '../../../src/errors/any-value.ts';

class Order {
  readonly id = 7;
  readonly #secret = 'not shown';
  get secret(): string {
    return this.#secret;
  }
}

class Money {
  toJSON(): object {
    return { amount: 5, currency: 'EUR' };
  }
}

describe('anyValue', () => {
  it.each<[string, unknown, unknown]>([
    ['text', 'text', 'text'],
    ['a number', Number.NaN, Number.NaN],
    ['a boolean', false, false],
    ['null', null, null],
    ['undefined', undefined, undefined],
    ['a bigint', 2n ** 70n, '1180591620717411303424'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a function', function handler() {}, '[Function: handler]'],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), 'Invalid Date'],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, new Map([['b', 2]])],
        [{}, 3],
      ]),
      { a: 1, 2: { b: 2 }, '[Object]': 3 },
    ],
    ['a Set', new Set([1, 'a']), [1, 'a']],
    ['a Buffer', Buffer.from('ab'), new Uint8Array([97, 98])],
    ['an ArrayBuffer', new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2])],
    ['a DataView', new DataView(new Uint8Array([1, 2, 3]).buffer, 1), new Uint8Array([2, 3])],
    ['a typed array', new Float64Array([1.5, 2]), [1.5, 2]],
    ['an object', { a: { b: [1, undefined, null] }, c: undefined }, { a: { b: [1, undefined, null] } }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['an instance of a class', new Order(), { id: 7 }],
    ['what has toJSON()', { price: new Money() }, { price: { amount: 5, currency: 'EUR' } }],
    ['a URL', new URL('http://h/p?q'), 'http://h/p?q'],
    ['a RegExp', /a+/g, '/a+/g'],
    ['a boxed string', Object('text'), 'text'],
    ['a Date of another realm', runInNewContext('new Date(0)'), '1970-01-01T00:00:00.000Z'],
    ['a Map of another realm', runInNewContext('new Map([["a", 1]])'), { a: 1 }],
  ])('%s', (_what, value, expected) => {
    expect(anyValue(value)).toEqual(expected);
  });

  it('an Error is its stack trace with causes and properties, wherever it is', () => {
    const error = Object.assign(new TypeError('no user', { cause: new Error('no table') }), { code: 'E_USER' });
    const text = expect.stringMatching(/^TypeError: no user\n {4}at [^]*code: 'E_USER'[^]*\[cause\]: Error: no table/);
    expect(anyValue(error)).toEqual(text);
    expect(anyValue({ error, list: [error] })).toEqual({ error: text, list: [text] });
    expect(anyValue(runInNewContext('new RangeError("far")'))).toEqual(expect.stringContaining('RangeError: far'));
    class Failure extends Error {
      toJSON(): object {
        return {};
      }
    }
    expect(anyValue(new Failure('own toJSON'))).toEqual(expect.stringContaining('own toJSON'));
  });

  it('says in the place of what cannot be read that it cannot', () => {
    const circular: Record<string, unknown> = { twice: {} };
    circular['self'] = circular;
    circular['again'] = circular['twice'];
    expect(anyValue(circular)).toEqual({ twice: {}, self: '[Circular]', again: {} });
    const throwing = {
      get bad(): never {
        throw new Error('getter');
      },
      good: 1,
    };
    expect(anyValue(throwing)).toEqual({ bad: '[cannot be read: getter]', good: 1 });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(anyValue({ proxy })).toEqual({ proxy: expect.stringMatching(/^\[cannot be read: /) });
    const never = {
      toJSON: () => {
        throw new Error('toJSON');
      },
    };
    expect(anyValue([never, 1])).toEqual(['[cannot be read: toJSON]', 1]);
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw Object.create(null);
        },
      },
    );
    expect(anyValue(hostile)).toEqual(expect.stringMatching(/^\[cannot be read: /));
  });

  it('is bounded in depth and in size', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(JSON.stringify(anyValue(deep))).toBe(`${'['.repeat(24)}"[Array]"${']'.repeat(24)}`);
    let wide: unknown = 'leaf';
    for (let level = 0; level < 23; level += 1) wide = [wide, wide];
    expect(JSON.stringify(anyValue(wide)).length).toBeLessThan(2_000_000);
    const long = anyValue(Array.from({ length: 100_000 }, (_, index) => index));
    expect(long).toHaveLength(65_537);
    expect(long).toMatchObject({ 65_535: 65_535, 65_536: '[... more values, not shown]' });
  });

  it('is a copy, which the application cannot change any more', () => {
    const body = { list: [1], bytes: Buffer.from('a') };
    const copy = anyValue(body);
    body.list.push(2);
    body.bytes[0] = 0;
    expect(copy).toEqual({ list: [1], bytes: new Uint8Array([97]) });
  });

  it('keeps a key __proto__, and gives what the SDK takes for a value', () => {
    const copy = anyValue(JSON.parse('{"__proto__":{"polluted":1},"a":[{"b":null}]}'));
    expect(Object.keys(Object(copy))).toEqual(['__proto__', 'a']);
    expect(isAnyValue(copy)).toBe(true);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});
