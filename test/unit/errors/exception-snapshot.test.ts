import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { inspectError, inspectObject, inspectProxy } from '../../../src/errors/exception-snapshot.ts';

/** An error with a stack of so many characters. */
function withStack(message: string, characters: number, more: object = {}): Error {
  const error = Object.assign(new Error(message), more);
  const head = `Error: ${message}\n    at f (`;
  error.stack = `${head}${'x'.repeat(characters - head.length - 1)})`;
  return error;
}

function chain(length: number, characters: number): Error {
  let error = withStack('level 1', characters);
  for (let level = 2; level <= length; level += 1) {
    error = Object.assign(withStack(`level ${level}`, characters), { cause: error });
  }
  return error;
}

describe('inspectError', () => {
  it('shows a stack whole that is half of what all may have, and cuts one character more', () => {
    expect(inspectError(withStack('a', 32_768))).toHaveLength(32_768);
    expect(inspectError(withStack('a', 32_769))).toMatch(/x \[\.\.\. \d+ characters not shown \.\.\.\] x/);
  });

  it('gives each cause at most half of what its error has left, and at least 1024 characters', () => {
    const lengths = inspectError(chain(7, 100_000))
      .split(/Error: level \d/)
      .slice(1)
      .map(({ length }) => length);
    expect(lengths).toHaveLength(7);
    for (const [index, length] of lengths.entries()) {
      const room = Math.max(1024, 65_536 / 2 ** (index + 1));
      expect(length).toBeGreaterThan(room / 2);
      expect(length).toBeLessThan(room + 100);
    }
    expect(/level 2\n +at/.test(inspectError(chain(8, 100_000)))).toBe(true);
    expect(/level 1\n +at/.test(inspectError(chain(8, 100_000)))).toBe(false);
  });

  it('counts an error without a stack for 1024 characters: 64 are shown, of the rest the last', () => {
    const shown = (length: number): string => {
      let error: Error = Object.assign(new TypeError('the first failure'), { stack: '' });
      for (let level = 1; level < length; level += 1) {
        error = Object.assign(new Error(`level ${level}`, { cause: error }), { stack: '' });
      }
      return inspectError(error);
    };
    expect(shown(64)).not.toContain('not shown');
    expect(shown(65)).toContain('TypeError: the first failure');
    expect(shown(65)).not.toContain('causes not shown');
    expect(shown(67)).toMatch(
      /Error: level 2\]? \[... 2 causes not shown, the last: \[TypeError: the first failure\] ...\]/,
    );
  });

  it('cuts a long message in the stack, so that frames remain', () => {
    const error = withStack('m'.repeat(9000), 10_000);
    const text = inspectError(error);
    expect(text).toMatch(/m \[\.\.\. \d+ characters not shown \.\.\.\] m/);
    expect(text).toMatch(/x\)$/);
    const whole = withStack('m'.repeat(8192), 9000);
    expect(inspectError(whole)).toBe(whole.stack);
  });

  it('leaves `$&` in a long message what it is', () => {
    const error = withStack(`${'m'.repeat(4000)}$&${'m'.repeat(4500)}`, 10_000);
    expect(inspectError(error)).not.toContain(`$&$&`);
    expect(inspectError(error).length).toBeLessThan(10_000);
  });

  it('shows 32 properties and counts the rest', () => {
    const withProperties = (count: number): Error =>
      Object.assign(
        withStack('a', 100),
        Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, index])),
      );
    // The stack, set by assignment, is hidden.
    expect(inspectError(withProperties(32))).not.toContain('more properties');
    expect(inspectError(withProperties(32))).toContain('key31: 31');
    expect(inspectError(withProperties(33))).toContain("'...': 1 more properties");
    expect(inspectError(withProperties(33))).not.toContain('key32');
  });

  it('shows 16 inner errors and counts the rest', () => {
    const withInner = (count: number): string =>
      inspectError(new AggregateError(Array.from({ length: count }, (_, index) => `inner ${index}`)));
    expect(withInner(16)).toContain("'inner 15'");
    expect(withInner(16)).not.toContain('more items');
    expect(withInner(18)).toContain('... 2 more items');
    expect(withInner(18)).not.toContain('inner 16');
  });

  it('shows what Node shows where name, cause and errors are enumerable properties', () => {
    const error = Object.assign(withStack('a', 100), {
      name: 'Custom',
      message: 'changed',
      cause: 'text',
      errors: [1n, Symbol('s')],
    });
    expect(inspectError(error)).toBe(inspect(error, { customInspect: false }));
  });

  it('names accessors without calling them', () => {
    const fail = (): never => {
      throw new Error('called');
    };
    const error = Object.defineProperties(withStack('a', 100), {
      one: { get: fail, enumerable: true },
      two: { set: fail, enumerable: true },
      both: { get: fail, set: fail, enumerable: true },
    });
    expect(inspectError(error)).toMatch(/one: \[Getter\],\s+two: \[Setter\],\s+both: \[Getter\/Setter\]/);
  });

  it('does not take the method `cause()` of older libraries for a cause', () => {
    const error = Object.defineProperty(withStack('a', 100), 'cause', { value: () => new Error('b') });
    expect(inspectError(error)).toBe(error.stack);
  });
});

describe('inspectObject', () => {
  it('shows 100 items of a list and counts the rest', () => {
    const list = (length: number): string => inspectObject(Array.from({ length }, (_, index) => index));
    expect(list(100)).not.toContain('more items');
    expect(list(101)).toContain('... 1 more items');
    expect(list(101)).not.toMatch(/\b100\b/);
  });

  it('shows one level, by the class of the object', () => {
    class Response {
      status = 500;
      body = { a: 1 };
      big = 7n;
    }
    expect(inspectObject(new Response())).toBe('Response { status: 500, body: [Object], big: 7n }');
    expect(inspectObject(Object.create(null, { a: { value: 1, enumerable: true } }))).toMatch(/\{ a: 1 \}$/);
  });

  it('shows neither the bytes of a buffer nor the characters of a boxed text', () => {
    expect(inspectObject(Buffer.alloc(1000))).not.toContain('0');
    expect(inspectObject(Object('text'))).not.toContain("'t'");
  });
});

describe('inspectProxy', () => {
  it('shows the target', () => {
    expect(inspectProxy(new Proxy({ a: 1 }, {}))).toBe('{ a: 1 }');
    expect(inspectProxy(new Proxy(new Proxy({ a: 1 }, {}), {}))).toBe('{ a: 1 }');
    expect(inspectProxy(new Proxy({ a: { b: 1 } }, {}))).toBe('{ a: [Object] }');
  });
});
