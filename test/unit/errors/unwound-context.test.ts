import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { noteUnwinding, UnwoundContextManager } from '../../../src/errors/unwound-context.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

const KEY = createContextKey('name');
const named = (name: string) => ROOT_CONTEXT.setValue(KEY, name);

function setUp() {
  const manager = new UnwoundContextManager();
  manager.enable();
  return { manager, unwound: () => manager.unwound?.getValue(KEY) };
}

function setUpOther() {
  const manager = new AsyncLocalStorageContextManager().enable();
  const unwound = noteUnwinding(manager);
  return { manager, unwound: () => unwound()?.getValue(KEY) };
}

const boom = (): never => {
  throw new Error('boom');
};

describe.each([
  ['UnwoundContextManager', setUp],
  ['a context manager of somebody else', setUpOther],
] as const)('%s', (_name, setUp) => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('returns what the function returns and remembers nothing', () => {
    const { manager, unwound } = setUp();
    expect(manager.with(named('a'), () => manager.active().getValue(KEY))).toBe('a');
    expect(unwound()).toBeUndefined();
  });

  it('remembers the innermost context that a throw left, until the task ends', async () => {
    const { manager, unwound } = setUp();
    expect(() => manager.with(named('outer'), () => manager.with(named('inner'), boom))).toThrow('boom');
    expect(unwound()).toBe('inner');
    // An async function makes a rejection of the throw: Node reports it after the microtasks of the task.
    await Promise.resolve();
    expect(unwound()).toBe('inner');
    vi.advanceTimersByTime(1);
    expect(unwound()).toBeUndefined();
  });

  it('does not use it for an error in another context', () => {
    const { manager, unwound } = setUp();
    expect(() => manager.with(named('a'), boom)).toThrow('boom');
    manager.attach(named('another request'));
    expect(unwound()).toBeUndefined();
  });

  it('forgets it when another context is entered: the error has been caught', () => {
    const { manager, unwound } = setUp();
    expect(() => manager.with(named('a'), boom)).toThrow('boom');
    manager.with(named('b'), () => expect(unwound()).toBeUndefined());
    expect(unwound()).toBeUndefined();
  });

  it('an inner throw that is caught does not hide the outer one that is not', () => {
    const { manager, unwound } = setUp();
    expect(() =>
      manager.with(named('outer'), () => {
        expect(() => manager.with(named('inner'), boom)).toThrow('boom');
        manager.with(named('recovery'), () => {});
        boom();
      }),
    ).toThrow('boom');
    expect(unwound()).toBe('outer');
  });

  it('keeps `this` and arguments', () => {
    const { manager } = setUp();
    const add = function (this: { readonly base: number }, a: number, b: number): number {
      return this.base + a + b;
    };
    expect(manager.with(named('a'), add, { base: 1 }, 2, 3)).toBe(6);
  });
});
