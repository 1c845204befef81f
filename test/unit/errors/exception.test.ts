import { readFileSync } from 'node:fs';
import { inspect, types } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { describeException } from '../../../src/errors/exception.ts';
import { forbidden, HOSTILE, throwingHandler } from './exception-values.ts';

const BOUNDS = { type: 256, message: 8192, stacktrace: 65_536 };

const expected = (text: string | RegExp | undefined): unknown =>
  text instanceof RegExp ? expect.stringMatching(text) : text;

/** The last resort: only for a Proxy around a Proxy, and at the end of the stack. */
const UNREADABLE = 'a value that cannot be read';

/** What is wrong with a description, by the promises that hold for any value. */
function unsound(thrown: unknown): string[] {
  const description = describeException(thrown);
  return Object.entries(BOUNDS).flatMap(([key, bound]) => {
    const text: unknown = Reflect.get(description, key);
    if (key === 'stacktrace' && text === undefined) return [];
    if (typeof text !== 'string' || text === '') return [`${key} is ${inspect(text)}`];
    if (text.length > bound) return [`${key} has ${text.length} characters`];
    return text.isWellFormed() ? [] : [`${key} is not well-formed`];
  });
}

function thrownBy(fn: () => unknown): unknown {
  try {
    return fn();
  } catch (error) {
    return error;
  }
}

class HttpError extends Error {
  readonly status = 500;
  override readonly name = 'HttpError';
}

/** Errors as applications throw them. */
const ORDINARY: Readonly<Record<string, unknown>> = {
  'an error': new Error('boom'),
  'an error of several lines': new Error('one\ntwo', { cause: new Error('three\nfour') }),
  'a chain of causes': new TypeError('a', { cause: new HttpError('b', { cause: new Error('c', { cause: 'text' }) }) }),
  'an AggregateError': new AggregateError([new Error('a', { cause: new Error('b') }), 'c', 4, null], 'both', {
    cause: 5,
  }),
  'an error of the file system': thrownBy(() => readFileSync('/does/not/exist')),
  'an error of Node': thrownBy(() => new URL('nowhere')),
  'a DOMException': AbortSignal.abort().reason,
  'a syntax error': thrownBy(() => runInNewContext('a b')),
  'an error of another realm': runInNewContext('new RangeError("far", { cause: new Error("farther") })'),
  'an error with a name and properties': Object.assign(new Error('p'), {
    name: 'Custom',
    code: 'E_P',
    errno: -2,
    retry: false,
    nothing: null,
    undefined: undefined,
    big: 7n,
    'with-dash': -0,
  }),
  'a circle': thrownBy(() => {
    const error = new Error('a', { cause: undefined });
    error.cause = new Error('b', { cause: error });
    return error;
  }),
  'an error without stack': Object.defineProperty(new Error('a', { cause: new Error('b') }), 'stack', {
    value: undefined,
  }),
};

describe('describeException', () => {
  it.each(Object.entries(HOSTILE))('%s', (_, { make, type, message, stacktrace }) => {
    const thrown = make();
    expect(describeException(thrown)).toEqual({
      type: expected(type),
      message: expected(message),
      stacktrace: expected(stacktrace),
    });
    expect(unsound(thrown)).toEqual([]);
  });

  it.each(Object.entries(ORDINARY))('%s: the stacktrace is what Node prints', (_, error) => {
    expect(describeException(error).stacktrace).toBe(inspect(error, { customInspect: false, depth: Infinity }));
  });

  it('runs no code of the application except the getters it has to read', () => {
    const ran: string[] = [];
    const spy = (name: string) => () => {
      ran.push(name);
      return forbidden();
    };
    const hooks = {
      [inspect.custom]: spy('inspect.custom'),
      [Symbol.toPrimitive]: spy('toPrimitive'),
      toString: spy('toString'),
      toJSON: spy('toJSON'),
    };
    const hidden = { get: spy('getter'), enumerable: true };
    class Hooked extends Error {
      static override [Symbol.hasInstance] = spy('hasInstance');
      static override get name(): string {
        return spy('static name')();
      }
    }
    Object.defineProperty(Hooked.prototype, Symbol.toStringTag, { get: spy('toStringTag') });
    const inner = Object.defineProperties(Object.assign(new Hooked('inner'), hooks), {
      extra: hidden,
      [Symbol('s')]: hidden,
    });
    const value = Object.defineProperty({ ...hooks, nested: { ...hooks } }, 'extra', hidden);
    const trap = new Proxy({}, throwingHandler);
    const error = Object.assign(new Hooked('outer', { cause: inner }), hooks, {
      value,
      trap,
      errors: [inner, value, trap],
    });
    for (const thrown of [error, value, Hooked, [error, value, trap, hooks.toString]]) {
      expect(describeException(thrown).message).not.toBe(UNREADABLE);
    }
    expect(ran).toEqual([]);
  });

  it('calls each getter of an error at most twice', () => {
    const asked: Record<string, number> = {};
    const counted = (key: string, value: unknown): PropertyDescriptor => ({
      get() {
        asked[key] = (asked[key] ?? 0) + 1;
        return value;
      },
    });
    const error = Object.defineProperties(new Error('m'), {
      message: counted('message', 'asked for'),
      stack: counted('stack', 'Error: asked for\n    at here'),
      cause: counted('cause', new Error('why')),
      errors: counted('errors', [new Error('inner')]),
    });
    expect(describeException(error)).toMatchObject({
      message: 'asked for',
      stacktrace: expect.stringMatching(/^Error: asked for\n    at here[^]*Error: why[^]*Error: inner/),
    });
    expect(Math.max(...Object.values(asked))).toBeLessThanOrEqual(2);
    expect(Object.keys(asked).toSorted()).toEqual(['cause', 'errors', 'message', 'stack']);
  });

  it('survives Error.prepareStackTrace that throws or returns no string', () => {
    const original = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
    const describeWith = (prepare: () => unknown): unknown => {
      const error = new Error('boom');
      Object.defineProperty(Error, 'prepareStackTrace', { value: prepare, configurable: true, writable: true });
      try {
        return describeException(error);
      } finally {
        Object.defineProperty(
          Error,
          'prepareStackTrace',
          original ?? { value: undefined, configurable: true, writable: true },
        );
      }
    };
    const description = { type: 'Error', message: 'boom', stacktrace: '[Error: boom]' };
    expect(describeWith(forbidden)).toEqual(description);
    expect(describeWith(() => [])).toEqual(description);
  });

  it('is not affected by changes of the application to Error and to inspect', () => {
    const defaults = { ...inspect.defaultOptions };
    Object.defineProperty(Error.prototype, inspect.custom, { value: forbidden, configurable: true });
    inspect.defaultOptions = { ...defaults, colors: true, depth: 0, showHidden: true };
    try {
      expect(describeException(new Error('boom', { cause: new Error('why') })).stacktrace).toMatch(
        /^Error: boom\n    at [^]*\{\n  \[cause\]: Error: why\n/,
      );
    } finally {
      inspect.defaultOptions = defaults;
      Reflect.deleteProperty(Error.prototype, inspect.custom);
    }
  });

  it('does not change the error', () => {
    const error = Object.assign(new AggregateError([new Error('a')], 'b', { cause: new Error('c') }), {
      code: 'E',
      n: { a: 1 },
    });
    // The first reading has V8 write the stack, whoever reads it.
    void error.stack;
    const before = Object.getOwnPropertyDescriptors(error);
    describeException(error);
    expect(Object.getOwnPropertyDescriptors(error)).toEqual(before);
    expect(Object.getPrototypeOf(error)).toBe(AggregateError.prototype);
  });

  it('never throws near a stack overflow', () => {
    const error = new Error('boom');
    const described = new Set<string>();
    let level = 0;
    let failures = 0;
    const descend = (describeFrom: number): void => {
      level += 1;
      try {
        if (level > describeFrom) described.add(describeException(error).type);
      } catch {
        failures += 1;
      }
      descend(describeFrom);
    };
    expect(() => descend(Infinity)).toThrow(RangeError);
    const depth = level;
    level = 0;
    expect(() => descend(depth * 0.9)).toThrow(RangeError);
    // In the last frames nothing can be called at all; what it calls itself needs far more of them.
    expect(failures).toBeLessThanOrEqual(3);
    expect(described).toContain('Error');
  });
});

/** A small generator (mulberry32): the same values in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const KEYS = [
  'message',
  'stack',
  'name',
  'cause',
  'errors',
  'code',
  'constructor',
  'extra',
  'toString',
  '__proto__',
  '0',
];

/** Errors, objects and Proxies with the properties of KEYS set to anything, deleted, frozen, throwing, or each other. */
function randomValue(random: () => number, depth: number, made: unknown[]): unknown {
  const pick = <T>(options: readonly T[]): T | undefined => options[Math.floor(random() * options.length)];
  if (depth === 0 || random() < 0.2)
    return pick([undefined, null, '', 'x'.repeat(20_000), 1, 2n, Symbol('s'), '\udc00', forbidden]);
  if (random() < 0.1) return pick(made);
  const target = pick([
    new Error('e'),
    new AggregateError([], ''),
    {},
    [],
    () => 1,
    Object.create(null),
    new Map(),
    AbortSignal.abort().reason,
    new Date(0),
    Object.create(Error.prototype),
  ]);
  made.push(target);
  for (let count = Math.floor(random() * 6); count > 0; count -= 1) {
    const key = pick(KEYS) ?? '';
    const value = random() < 0.2 ? [randomValue(random, depth - 1, made)] : randomValue(random, depth - 1, made);
    const enumerable = random() < 0.5;
    const way = random();
    if (way < 0.1) Reflect.deleteProperty(target, key);
    else if (way < 0.3) Reflect.defineProperty(target, key, { get: forbidden, enumerable });
    else if (way < 0.5) Reflect.defineProperty(target, key, { get: () => value, enumerable });
    else Reflect.defineProperty(target, key, { value, enumerable, configurable: true });
  }
  if (random() < 0.1)
    Reflect.setPrototypeOf(target, pick([null, Error.prototype, new Proxy({}, throwingHandler), {}]) ?? null);
  if (random() < 0.1) Object.preventExtensions(target);
  if (random() < 0.1) return new Proxy(target, pick([throwingHandler, {}]) ?? {});
  return target;
}

describe('describeException, of generated values', () => {
  it('never throws and always describes the value', () => {
    const random = randomFrom(1);
    const problems = Array.from({ length: 1500 }, (_, run) => {
      const value = randomValue(random, 5, []);
      const unread = !types.isProxy(value) && describeException(value).message === UNREADABLE;
      return [...unsound(value), ...(unread ? ['it was not read'] : [])].map((problem) => `${run}: ${problem}`);
    }).flat();
    expect(problems).toEqual([]);
  });
});
