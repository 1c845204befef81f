import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addAroundExitListeners } from '../../../src/exit/around-exit-listeners.ts';
import { type FakeProcess, fakeProcess, turnEnds } from './fake-process.ts';

const realProcess = process;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function setUp(endIsKnown = true) {
  const fake = fakeProcess();
  const called: string[] = [];
  const app = (name: string) => () => void called.push(name);
  const ours = {
    first: (code: number) => void called.push(`first ${code}`),
    last: (code: number) => void called.push(`last ${code}`),
    drained: (code: number) => void called.push(`drained ${code}`),
  };
  const emitted = (event: string): string[] => {
    called.length = 0;
    fake.emit(event, 3);
    return [...called];
  };
  return { fake, called, app, emitted, add: () => addAroundExitListeners(ours, endIsKnown) };
}

describe('addAroundExitListeners', () => {
  it('is there at once, once for each event', () => {
    const { emitted, add } = setUp();
    add();
    expect([emitted('exit'), emitted('beforeExit')]).toEqual([['first 3', 'last 3'], ['drained 3']]);
  });

  it('stands around listeners that were there before and that come later, on either end', async () => {
    const { fake, app, emitted, add } = setUp();
    fake.on('exit', app('before'));
    fake.on('beforeExit', app('before'));
    add();
    fake.on('exit', app('later'));
    fake.prependListener('exit', app('ahead'));
    fake.on('beforeExit', app('later'));
    await turnEnds();
    expect(emitted('exit')).toEqual(['first 3', 'ahead', 'before', 'later', 'last 3']);
    expect(emitted('beforeExit')).toEqual(['before', 'later', 'drained 3']);
    fake.on('exit', app('latest'));
    await turnEnds();
    expect(emitted('exit')).toEqual(['first 3', 'ahead', 'before', 'later', 'latest', 'last 3']);
    expect(fake.listenerCount('exit')).toBe(6);
  });

  it('is out for the rest of the turn in which the application adds a listener, until putBack()', async () => {
    const { fake, app, emitted, add } = setUp();
    const listeners = add();
    fake.on('exit', app('app'));
    expect([emitted('exit'), emitted('beforeExit')]).toEqual([['app'], ['drained 3']]);
    listeners.putBack();
    expect(emitted('exit')).toEqual(['first 3', 'app', 'last 3']);
    await turnEnds();
    expect(emitted('exit')).toEqual(['first 3', 'app', 'last 3']);
  });

  it('stays in where nothing else tells of the end, and comes behind the new listener when the turn is over', async () => {
    const { fake, app, emitted, add } = setUp(false);
    add();
    fake.on('exit', app('app'));
    expect(emitted('exit')).toEqual(['first 3', 'last 3', 'app']);
    await turnEnds();
    expect(emitted('exit')).toEqual(['first 3', 'app', 'last 3']);
  });

  it('is put back once for all listeners of a turn', async () => {
    const { fake, app, add } = setUp();
    add();
    for (let listener = 0; listener < 5; listener += 1) fake.on('exit', app('app'));
    const placed = vi.spyOn(fake, 'prependListener');
    await turnEnds();
    expect(placed).toHaveBeenCalledTimes(1);
    fake.on('exit', app('app'));
    await turnEnds();
    expect(placed).toHaveBeenCalledTimes(2);
  });

  it('does nothing at listeners for other events', async () => {
    const { fake, app, emitted, add } = setUp();
    add();
    const placed = vi.spyOn(fake, 'prependListener');
    fake.on('warning', app('app'));
    fake.on(Symbol('exit'), app('app'));
    await turnEnds();
    expect(placed).not.toHaveBeenCalled();
    expect(emitted('exit')).toEqual(['first 3', 'last 3']);
  });

  it.each([undefined, 4, 1])('counts in no warning about too many listeners (a limit of its own: %s)', async (own) => {
    const warning = vi.spyOn(realProcess, 'emitWarning').mockImplementation(() => {});
    const { fake, app, add } = setUp();
    if (own !== undefined) fake.setMaxListeners(own);
    const limit = own ?? EventEmitter.defaultMaxListeners;
    add();
    for (let listener = 0; listener < limit; listener += 1) {
      fake.on('exit', app('app'));
      await turnEnds();
    }
    expect(warning).not.toHaveBeenCalled();
    expect([fake.getMaxListeners(), EventEmitter.defaultMaxListeners]).toEqual([limit, 10]);
    fake.on('exit', app('one too many'));
    expect(warning).toHaveBeenCalledTimes(1);
  });

  it('gives the process no limit of its own, nor takes its own away', () => {
    const { fake, add } = setUp();
    add();
    EventEmitter.defaultMaxListeners = 15;
    expect(fake.getMaxListeners()).toBe(15);
    EventEmitter.defaultMaxListeners = 10;
  });

  it('restores the limits when a `newListener` listener of the application throws, and comes back at the next listener', async () => {
    const { fake, app, emitted, add } = setUp();
    fake.setMaxListeners(7);
    const listeners = add();
    let throws = false;
    fake.on('newListener', () => {
      if (throws) throw new Error('no listeners, please');
    });
    fake.on('exit', app('app'));
    throws = true;
    listeners.putBack();
    expect([fake.getMaxListeners(), EventEmitter.defaultMaxListeners]).toEqual([7, 10]);
    throws = false;
    await turnEnds();
    fake.on('exit', app('next'));
    await turnEnds();
    expect(emitted('exit')).toEqual(['first 3', 'app', 'next', 'last 3']);
  });

  it('is gone for good after remove(), also when it was out', async () => {
    const { fake, app, emitted, add } = setUp();
    const listeners = add();
    fake.on('beforeExit', app('app'));
    listeners.remove();
    await turnEnds();
    fake.on('exit', app('app'));
    await turnEnds();
    expect([emitted('exit'), emitted('beforeExit'), leftOf(fake)]).toEqual([['app'], ['app'], 0]);
  });
});

function leftOf(fake: FakeProcess): number {
  return fake.listenerCount('newListener');
}
