import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';

/** Runs where only code of the application would: no description may need it. */
export function forbidden(): never {
  throw new Error('code of the application was run');
}

/** Of a Proxy: whatever is asked, it throws. */
export const throwingHandler: ProxyHandler<object> = new Proxy({}, { get: () => forbidden });

export interface HostileValue {
  readonly make: () => unknown;
  readonly type: string;
  readonly message: string | RegExp;
  /** Of the stacktrace. `undefined`: there is none. */
  readonly stacktrace?: RegExp;
}

function with_(error: Error, properties: PropertyDescriptorMap): Error {
  return Object.defineProperties(error, properties);
}

const getter = (get: () => unknown): PropertyDescriptor => ({ get, enumerable: true, configurable: true });

function chain(length: number): Error {
  let error = new Error('root');
  for (let index = 1; index < length; index += 1) error = new TypeError(`level ${index}`, { cause: error });
  return error;
}

function circular(): Error {
  const inner = new Error('inner');
  const outer = new Error('outer', { cause: inner });
  inner.cause = outer;
  return outer;
}

/** Each error has two ways to the next: followed naively, 2^40 errors. */
function braided(): Error {
  let error: Error = new Error('root');
  for (let index = 0; index < 40; index += 1) error = new AggregateError([error], `level ${index}`, { cause: error });
  return error;
}

function overflow(): unknown {
  const recurse = (): number => recurse() + 1;
  try {
    return recurse();
  } catch (error) {
    return error;
  }
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

class Unlucky extends Error {
  override get message(): string {
    return forbidden();
  }
}

class Hooked extends Error {
  static override [Symbol.hasInstance](): boolean {
    return forbidden();
  }
  get [Symbol.toStringTag](): string {
    return forbidden();
  }
  [Symbol.toPrimitive](): string {
    return forbidden();
  }
  [inspect.custom](): string {
    for (;;);
  }
  override toString(): string {
    return forbidden();
  }
}

class WithoutOwnName extends Error {}

/** Every kind of thing that can be thrown, and what is to be said of it. */
export const HOSTILE: Readonly<Record<string, HostileValue>> = {
  'a string': { make: () => 'boom', type: 'string', message: 'boom' },
  'an empty string': { make: () => '', type: 'string', message: "''" },
  'a number': { make: () => 42, type: 'number', message: '42' },
  NaN: { make: () => Number.NaN, type: 'number', message: 'NaN' },
  'a boolean': { make: () => false, type: 'boolean', message: 'false' },
  'a bigint': { make: () => 7n, type: 'bigint', message: '7' },
  'a huge bigint': { make: () => 1n << 10_000_000n, type: 'bigint', message: 'a bigint of more than 65536 bits' },
  'a symbol': { make: () => Symbol('s'), type: 'symbol', message: 'Symbol(s)' },
  null: { make: () => null, type: 'null', message: 'null' },
  undefined: { make: () => undefined, type: 'undefined', message: 'undefined' },
  'a function': { make: () => forbidden, type: 'function', message: '[Function: forbidden]' },
  'a class': { make: () => Unlucky, type: 'function', message: '[Function: Unlucky]' },
  'an array': { make: () => [1, 'two', { three: 3 }], type: 'Array', message: "[ 1, 'two', [Object] ]" },
  'an array of a billion': {
    make: () => Object.assign([1], { length: 1e9 }),
    type: 'Array',
    message: /999999900 more items/,
  },
  'a plain object': {
    make: () => ({ code: 7, inner: { secret: 'x' } }),
    type: 'Object',
    message: '{ code: 7, inner: [Object] }',
  },
  'an object with a message': { make: () => ({ message: 'boom', code: 7 }), type: 'Object', message: 'boom' },
  'an object with name, message and stack': {
    make: () => ({ name: 'RemoteError', message: 'boom', stack: 'RemoteError: boom\n    at remote (far:1:1)' }),
    type: 'RemoteError',
    message: 'boom',
    stacktrace: /^RemoteError: boom\n    at remote \(far:1:1\)/,
  },
  'an object whose message is an object': { make: () => ({ message: { a: 1 } }), type: 'Object', message: '[Object]' },
  'an object without prototype': {
    make: () => Object.assign(Object.create(null), { a: 1 }),
    type: 'Object',
    message: '{ a: 1 }',
  },
  'bytes, ten million': { make: () => new Uint8Array(1e7), type: 'Uint8Array', message: '[Uint8Array]' },
  'a boxed string': { make: () => new String('x'.repeat(1e6)), type: 'String', message: '[String]' },
  'a Map': { make: () => new Map([[1, 2]]), type: 'Map', message: 'Map {}' },
  'an object full of traps': {
    make: () => ({
      get message() {
        return forbidden();
      },
      toString: forbidden,
      [Symbol.toPrimitive]: forbidden,
      [inspect.custom]: forbidden,
    }),
    type: 'Object',
    message: '{ message: [Getter], toString: [Function: forbidden] }',
  },
  'a Proxy of an object': { make: () => new Proxy({ a: 1 }, throwingHandler), type: 'Proxy', message: '{ a: 1 }' },
  'a Proxy of an error': {
    make: () => new Proxy(new TypeError('boom'), throwingHandler),
    type: 'Proxy',
    message: 'TypeError: boom',
    stacktrace: /^TypeError: boom\n    at /,
  },
  'a Proxy of a Proxy': {
    make: () => new Proxy(new Proxy({}, throwingHandler), throwingHandler),
    type: 'Proxy',
    message: /^(\{\}|a value that cannot be read)$/,
  },
  'a revoked Proxy': { make: revoked, type: 'Proxy', message: '<Revoked Proxy>' },
  'an error': {
    make: () => new TypeError('boom'),
    type: 'TypeError',
    message: 'boom',
    stacktrace: /^TypeError: boom\n    at /,
  },
  'an error of a class without own name': {
    make: () => new WithoutOwnName('boom'),
    type: 'WithoutOwnName',
    message: 'boom',
    stacktrace: /^WithoutOwnName.*: boom\n    at /,
  },
  'an error of a nameless class': {
    make: () => new (class extends Error {})('boom'),
    type: 'Error',
    message: 'boom',
    stacktrace: /^Error: boom\n    at /,
  },
  'an error with an empty name': {
    make: () => Object.assign(new RangeError('boom'), { name: '' }),
    type: 'RangeError',
    message: 'boom',
    stacktrace: /boom\n    at /,
  },
  'an error named by hand': {
    make: () => Object.assign(new Error('boom'), { name: 'Timeout' }),
    type: 'Timeout',
    message: 'boom',
    stacktrace: /^Timeout: boom\n    at /,
  },
  'an error of another realm': {
    make: () => runInNewContext('class Far extends TypeError {}; new Far("boom")'),
    type: 'Far',
    message: 'boom',
    stacktrace: /^Far.*: boom\n    at /,
  },
  'an error with a code': {
    make: () => Object.assign(new Error('boom'), { code: 'E_BOOM', config: { password: 'secret' } }),
    type: 'Error',
    message: 'boom',
    stacktrace: /\{\n  code: 'E_BOOM',\n  config: \[Object\]\n\}$/,
  },
  'an error without message': {
    make: () => new TypeError(),
    type: 'TypeError',
    message: 'TypeError',
    stacktrace: /^TypeError.*\n    at /,
  },
  'an AbortError': {
    make: () => AbortSignal.abort().reason,
    type: 'AbortError',
    message: 'This operation was aborted',
    stacktrace: /^DOMException \[AbortError\]: This/,
  },
  'a frozen error': {
    make: () => Object.freeze(new Error('boom')),
    type: 'Error',
    message: 'boom',
    stacktrace: /^Error: boom\n    at /,
  },
  'an error without prototype': {
    make: () => Object.setPrototypeOf(new Error('boom'), null),
    type: 'Error',
    message: 'boom',
    stacktrace: /^Error: boom\n    at /,
  },
  'an error whose prototype is a Proxy': {
    make: () => Object.setPrototypeOf(new Error('boom'), new Proxy(Error.prototype, throwingHandler)),
    type: 'Error',
    message: 'boom',
    stacktrace: /boom/,
  },
  'an error whose class is a Proxy': {
    make: () =>
      Object.defineProperty(new TypeError('boom'), 'constructor', { value: new Proxy(TypeError, throwingHandler) }),
    type: 'TypeError',
    message: 'boom',
    stacktrace: /^TypeError: boom\n    at /,
  },
  'an error with a stack that is no string': {
    make: () => with_(new Error('boom'), { stack: { value: 42 } }),
    type: 'Error',
    message: 'boom',
    stacktrace: /^\[Error: boom\]$/,
  },
  'an error with a deleted stack': {
    make: () => {
      const error = new Error('boom');
      delete error.stack;
      return error;
    },
    type: 'Error',
    message: 'boom',
    stacktrace: /^\[Error: boom\]$/,
  },
  'an error whose stack throws': {
    make: () => with_(new Error('boom'), { stack: getter(forbidden) }),
    type: 'Error',
    message: 'boom',
    stacktrace: /^\[Error: boom\]$/,
  },
  'an error whose message throws': {
    make: () => new Unlucky(),
    type: 'Unlucky',
    message: 'Unlucky',
    stacktrace: /Unlucky/,
  },
  'an error whose message is an object': {
    make: () => with_(new Error('boom'), { message: { value: { toString: forbidden } } }),
    type: 'Error',
    message: '[Object]',
    stacktrace: /Error/,
  },
  'an error whose name, cause and errors throw': {
    make: () =>
      with_(new Error('boom'), {
        name: getter(forbidden),
        cause: getter(forbidden),
        errors: getter(forbidden),
        extra: getter(forbidden),
      }),
    type: 'Error',
    message: 'boom',
    stacktrace: /Error[^]*extra: \[Getter\]/,
  },
  'an error with hooks for everything': {
    make: () => new Hooked('boom'),
    type: 'Hooked',
    message: 'boom',
    stacktrace: /boom\n    at /,
  },
  'an error that holds Proxies': {
    make: () =>
      Object.assign(new Error('boom', { cause: revoked() }), {
        errors: revoked(),
        extra: new Proxy({}, throwingHandler),
      }),
    type: 'Error',
    message: 'boom',
    stacktrace: /extra: \[Proxy\]/,
  },
  'an error with many properties': {
    make: () =>
      Object.assign(
        new Error('boom'),
        Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key${index}`, index])),
      ),
    type: 'Error',
    message: 'boom',
    stacktrace: /key31: 31,\n  '\.\.\.': 968 more properties/,
  },
  'bytes that claim to be an error': {
    make: () => Object.setPrototypeOf(new Uint8Array(1e7), Error.prototype),
    type: 'Error',
    message: 'Error',
    stacktrace: /^\[Error\]$/,
  },
  'a message of a megabyte': {
    make: () => new Error(`begin ${'x'.repeat(1 << 20)} end`),
    type: 'Error',
    message: /^begin x+ \[\.\.\. 10\d{5} characters not shown \.\.\.\] x+ end$/,
    stacktrace: /^Error: begin x{6000,6200} \[\.\.\. 10\d{5} characters not shown \.\.\.\] x+ end\n    at /,
  },
  'half a character': {
    make: () => new Error('\ud83d'),
    type: 'Error',
    message: '\ufffd',
    stacktrace: /^Error: \ufffd\n    at /,
  },
  'a stack overflow': {
    make: overflow,
    type: 'RangeError',
    message: 'Maximum call stack size exceeded',
    stacktrace: /^RangeError: Maximum/,
  },
  'a circular cause': {
    make: circular,
    type: 'Error',
    message: 'outer',
    stacktrace: /^<ref \*1> Error: outer[^]*\[cause\]: Error: inner[^]*cause\]?: \[Circular \*1\]/,
  },
  'a chain of 10 000 causes': {
    make: () => chain(10_000),
    type: 'TypeError',
    message: 'level 9999',
    stacktrace:
      /^TypeError: level 9999[^]*\[TypeError: level \d+\] \[\.\.\. \d+ causes not shown, the last: \[Error: root\] \.\.\.\]/,
  },
  'a braid of causes': {
    make: braided,
    type: 'AggregateError',
    message: 'level 39',
    stacktrace: /\[errors\]: \[ \[AggregateError: level 37\] \]/,
  },
  'an AggregateError': {
    make: () => new AggregateError([new TypeError('one'), new RangeError('two'), 'three'], 'both'),
    type: 'AggregateError',
    message: 'both',
    stacktrace:
      /^AggregateError: both\n[^]*\[errors\]: \[\n    TypeError: one\n[^]*    RangeError: two\n[^]*    'three'\n  \]\n\}$/,
  },
  'an AggregateError without message': {
    make: () => new AggregateError([new Error('refused by ::1'), new Error('refused by 127.0.0.1')]),
    type: 'AggregateError',
    message: 'refused by ::1; refused by 127.0.0.1',
    stacktrace: /refused by ::1/,
  },
  'an AggregateError of 10 000': {
    make: () => new AggregateError(Array.from({ length: 10_000 }, (_, index) => new Error(`error ${index}`))),
    type: 'AggregateError',
    message: /^error 0; .*error 7$/,
    stacktrace: /\.\.\. 9984 more items/,
  },
};
