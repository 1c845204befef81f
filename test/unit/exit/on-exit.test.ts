import { afterEach, describe, expect, it, vi } from 'vitest';
import { onExit } from '../../../src/exit/on-exit.ts';
import { type FakeProcess, fakeProcess, turnEnds } from './fake-process.ts';

afterEach(() => vi.unstubAllGlobals());

function setUp(change?: (fake: FakeProcess) => void) {
  const fake = fakeProcess(change);
  const called: string[] = [];
  const state = { fatal: false };
  const watch = onExit({
    deliver: (code) => void called.push(`deliver ${code}`),
    conclude: () => void called.push('conclude'),
    isFatal: () => state.fatal,
    onDrained: () => void called.push('drained'),
  });
  const app = (name: string) => () => void called.push(name);
  return { fake, called, state, watch, app };
}

describe('onExit', () => {
  it('delivers and concludes behind the listeners of the application', async () => {
    const { fake, called, app } = setUp();
    fake.on('exit', app('app'));
    await turnEnds();
    fake.emit('exit', 3);
    expect(called).toEqual(['app', 'deliver 3', 'conclude']);
  });

  it('delivers before them, and again behind them, when an error ends the process', async () => {
    const { fake, called, state, app } = setUp();
    fake.on('exit', app('app'));
    await turnEnds();
    state.fatal = true;
    fake.emit('exit', 1);
    expect(called).toEqual(['deliver 1', 'app', 'deliver 1', 'conclude']);
  });

  it.each([
    [5, 5],
    [0, 0],
    [undefined, 3],
    ['7', 3],
  ])('reads the exit code late: %s instead of 3 is %i', (exitCode, code) => {
    const { fake, called, state } = setUp();
    state.fatal = true;
    fake.exitCode = exitCode;
    fake.emit('exit', 3);
    expect(called).toEqual([`deliver ${code}`, `deliver ${code}`, 'conclude']);
  });

  it('delivers once more before the process really ends, with the code it ends with', () => {
    const { fake, called } = setUp();
    fake.on('exit', () => fake.reallyExit?.(9));
    fake.exitCode = 4;
    fake.emit('exit', 0);
    expect(called).toEqual(['deliver 9', 'conclude']);
    expect(fake.ended).toEqual([9]);
  });

  it('tells of a drained event loop', () => {
    const { fake, called } = setUp();
    fake.emit('beforeExit', 0);
    expect(called).toEqual(['drained']);
  });

  it('does nothing at an error from which the process has not begun to exit', () => {
    const { called, watch } = setUp();
    watch.onFatal();
    expect(called).toEqual([]);
  });

  it.each([
    [undefined, 1],
    [6, 6],
  ])('delivers at an error of an exit listener (exit code %s: %i)', async (exitCode, code) => {
    const { fake, called, watch } = setUp();
    fake.on('exit', () => {
      throw new Error('of the application');
    });
    await turnEnds();
    expect(() => fake.emit('exit', 0)).toThrow('of the application');
    expect(called).toEqual([]);
    fake.exitCode = exitCode;
    watch.onFatal();
    expect(called).toEqual([`deliver ${code}`, 'conclude']);
  });

  it('delivers at an error in the turn of process.exit(), whose exit event was not heard', () => {
    const { fake, called, watch } = setUp();
    fake._exiting = true;
    watch.onFatal();
    expect(called).toEqual(['deliver 1', 'conclude']);
  });

  it('is there at a crash in the turn in which a listener was added', () => {
    const { fake, called, watch, app } = setUp();
    fake.on('exit', app('app'));
    watch.onFatal();
    fake.emit('exit', 1);
    expect(called).toEqual(['app', 'deliver 1', 'conclude']);
  });

  it('stays in, where reallyExit is missing, in the turn in which a listener was added', () => {
    const { fake, called, app } = setUp((missing) => (missing.reallyExit = undefined));
    fake.on('exit', app('app'));
    fake.emit('exit', 0);
    expect(called).toEqual(['deliver 0', 'conclude', 'app']);
  });

  it.each([true, false])('puts everything back (reallyExit is there: %s)', (isThere) => {
    const { fake, called, watch } = setUp((changed) => {
      if (!isThere) changed.reallyExit = undefined;
    });
    watch.stop();
    fake.exit(2);
    fake.emit('beforeExit', 0);
    expect(called).toEqual([]);
    expect(fake.ended).toEqual(isThere ? [2] : []);
  });
});
