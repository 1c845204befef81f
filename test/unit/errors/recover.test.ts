import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { recoverAndReport } from '../../../src/errors/recover.ts';

/** Everything that can be thrown is a value; some of them are easily taken for none. */
const VALUES: readonly (readonly [string, unknown])[] = [
  ['an error', new Error('boom')],
  ['a frozen object', Object.freeze({})],
  ['a function', () => 1],
  ['a string', 'boom'],
  ['an empty string', ''],
  ['zero', 0],
  ['NaN', Number.NaN],
  ['false', false],
  ['a symbol', Symbol('s')],
  ['null', null],
  ['undefined', undefined],
];

const throwing = (value: unknown) => (): never => {
  throw value;
};

/** What was thrown, in a box: `undefined` is thrown too. */
function thrownBy(fn: () => unknown): { readonly thrown: unknown } | undefined {
  try {
    fn();
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
}

async function rejectionOf(promise: PromiseLike<unknown>): Promise<{ readonly thrown: unknown } | undefined> {
  try {
    await promise;
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
}

/** A thenable that is no promise and starts its work when it is asked, like a query. */
class Query implements PromiseLike<string> {
  asked = 0;
  readonly #settle: () => Promise<string>;

  constructor(settle: () => Promise<string>) {
    this.#settle = settle;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- what is tested
  then<A = string, B = never>(
    onFulfilled?: ((value: string) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.asked += 1;
    return this.#settle().then(onFulfilled, onRejected);
  }
}

describe('recoverAndReport', () => {
  it.each(VALUES)('rethrows %s, the same value, and reports it once', (_, value) => {
    const report = vi.fn<(error: unknown) => void>();
    expect(thrownBy(() => recoverAndReport(throwing(value), report))).toEqual({ thrown: value });
    expect(report.mock.calls).toEqual([[value]]);
    expect(Object.is(report.mock.calls[0]?.[0], value)).toBe(true);
  });

  it.each(VALUES)('rejects with %s, the same value, and reports it once', async (_, value) => {
    const report = vi.fn<(error: unknown) => void>();
    const rejection = await rejectionOf(recoverAndReport(() => Promise.reject(value), report));
    expect(rejection).toHaveProperty('thrown');
    expect(Object.is(rejection?.thrown, value)).toBe(true);
    expect(report.mock.calls).toEqual([[value]]);
  });

  it.each(VALUES)('returns %s unchanged', (_, value) => {
    const report = vi.fn<(error: unknown) => void>();
    expect(
      Object.is(
        recoverAndReport(() => value, report),
        value,
      ),
    ).toBe(true);
    expect(report).not.toHaveBeenCalled();
  });

  it('returns a promise of the same value', async () => {
    const value = { a: 1 };
    const returned = recoverAndReport(
      () => Promise.resolve(value),
      () => {},
    );
    expect(returned).toBeInstanceOf(Promise);
    expect(await returned).toBe(value);
  });

  it('calls `then` of a thenable once, whether it fulfils or rejects', async () => {
    const report = vi.fn<(error: unknown) => void>();
    const good = new Query(() => Promise.resolve('rows'));
    expect(await recoverAndReport(() => good, report)).toBe('rows');
    expect(good.asked).toBe(1);
    expect(report).not.toHaveBeenCalled();
    const failure = new Error('boom');
    const bad = new Query(() => Promise.reject(failure));
    expect(await rejectionOf(recoverAndReport(() => bad, report))).toEqual({ thrown: failure });
    expect(bad.asked).toBe(1);
    expect(report.mock.calls).toEqual([[failure]]);
  });

  it('returns an object whose `then` is not a function or cannot be read', () => {
    // oxlint-disable-next-line unicorn/no-thenable -- what is tested
    const withValue = { then: 1 };
    // oxlint-disable-next-line unicorn/no-thenable -- what is tested
    const withGetter = Object.defineProperty({}, 'then', { get: throwing(new Error('no')) });
    expect(
      recoverAndReport(
        () => withValue,
        () => {},
      ),
    ).toBe(withValue);
    expect(
      recoverAndReport(
        () => withGetter,
        () => {},
      ),
    ).toBe(withGetter);
  });

  it.each(VALUES)('nested calls report %s once, thrown or rejected', async (_, value) => {
    const report = vi.fn<(error: unknown) => void>();
    const nested = (innermost: () => unknown): unknown =>
      recoverAndReport(() => recoverAndReport(() => recoverAndReport(innermost, report), report), report);
    expect(thrownBy(() => nested(throwing(value)))).toEqual({ thrown: value });
    expect(report).toHaveBeenCalledTimes(1);
    const rejection = await rejectionOf(
      recoverAndReport(async () => {
        await setImmediate();
        await recoverAndReport(async () => {
          await setImmediate();
          recoverAndReport(throwing(value), report);
        }, report);
      }, report),
    );
    expect(rejection).toEqual({ thrown: value });
    expect(report).toHaveBeenCalledTimes(2);
  });

  it('parallel calls each report their error, and the outer call reports neither again', async () => {
    const report = vi.fn<(error: unknown) => void>();
    const failing = (name: string): Promise<never> => recoverAndReport(() => Promise.reject(name), report);
    await recoverAndReport(async () => {
      await Promise.all([failing('a'), failing('b')]);
    }, report).catch(() => {});
    expect(report.mock.calls).toEqual([['a'], ['b']]);
  });

  it('a nested call that succeeded does not affect the others', async () => {
    const report = vi.fn<(error: unknown) => void>();
    thrownBy(() =>
      recoverAndReport(() => {
        recoverAndReport(() => 1, report);
        recoverAndReport(throwing('sync'), report);
      }, report),
    );
    await rejectionOf(
      recoverAndReport(async () => {
        await recoverAndReport(() => setImmediate(1), report);
        await recoverAndReport(() => Promise.reject('async'), report);
      }, report),
    );
    expect(report.mock.calls).toEqual([['sync'], ['async']]);
  });

  it('an error that is thrown again after the call is reported again', () => {
    const report = vi.fn<(error: unknown) => void>();
    const once = (): unknown => thrownBy(() => recoverAndReport(throwing('boom'), report));
    expect([once(), once()]).toEqual([{ thrown: 'boom' }, { thrown: 'boom' }]);
    expect(report).toHaveBeenCalledTimes(2);
  });

  it('an error is reported, and so is another one that is thrown in its place', () => {
    const report = vi.fn<(error: unknown) => void>();
    const outer = new Error('outer');
    const result = thrownBy(() =>
      recoverAndReport(() => {
        try {
          recoverAndReport(throwing('inner'), report);
        } catch {
          throw outer;
        }
      }, report),
    );
    expect(result).toEqual({ thrown: outer });
    expect(report.mock.calls).toEqual([['inner'], [outer]]);
  });

  it('an outer call remembers only the last errors of many nested calls', () => {
    const report = vi.fn<(error: unknown) => void>();
    const failing = (index: number): unknown => thrownBy(() => recoverAndReport(throwing(`error ${index}`), report));
    const around = (passing: number): void =>
      recoverAndReport(() => {
        for (let index = 0; index < 100; index += 1) failing(index);
        throw `error ${passing}`;
      }, report);
    thrownBy(() => around(99));
    expect(report).toHaveBeenCalledTimes(100);
    thrownBy(() => around(0));
    expect(report).toHaveBeenCalledTimes(201);
  });

  it('a report that throws does not replace the error, and the outer call reports again', async () => {
    const failure = new Error('boom');
    const broken = vi.fn<() => never>(throwing(new Error('the report failed')));
    const report = vi.fn<(error: unknown) => void>();
    expect(thrownBy(() => recoverAndReport(() => recoverAndReport(throwing(failure), broken), report))).toEqual({
      thrown: failure,
    });
    expect(await rejectionOf(recoverAndReport(() => Promise.reject(failure), broken))).toEqual({ thrown: failure });
    expect(broken).toHaveBeenCalledTimes(2);
    expect(report.mock.calls).toEqual([[failure]]);
  });

  it('reports in the context of the call', async () => {
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const report = (): void => {
      seen.push(store.getStore());
    };
    await store.run('call', async () => {
      thrownBy(() => recoverAndReport(() => store.run('inside', throwing('x')), report));
      await rejectionOf(recoverAndReport(() => store.run('inside', () => setImmediate().then(throwing('y'))), report));
    });
    expect(seen).toEqual(['call', 'call']);
  });

  it('does not change the stack, which contains the awaiting callers', async () => {
    async function loadOrder(): Promise<never> {
      await setImmediate();
      throw new Error('boom');
    }
    async function handleRequest(): Promise<void> {
      await recoverAndReport(
        () => loadOrder(),
        () => {},
      );
    }
    const result = await rejectionOf(handleRequest());
    expect(inspect(result?.thrown)).toMatch(/at loadOrder[^]*at (async )?handleRequest/);
  });
});

it('remembers the last 16 errors that were reported inside', () => {
  const reported: number[] = [];
  const report = (error: unknown) => void reported.push(Number(error));
  const failInside = (count: number, rethrown: number) => () => {
    for (let error = 0; error < count; error += 1) thrownBy(() => recoverAndReport(throwing(error), report));
    throw rethrown;
  };
  const all = Array.from({ length: 17 }, (_, error) => error);
  thrownBy(() => recoverAndReport(failInside(17, 0), report));
  expect(reported.splice(0)).toEqual([...all, 0]);
  thrownBy(() => recoverAndReport(failInside(17, 1), report));
  expect(reported).toEqual(all);
});
