import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

describe('Deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('counts down on the monotonic clock and stops at 0', () => {
    const deadline = Deadline.after(100);
    vi.advanceTimersByTime(40);
    expect(deadline.remainingMillis).toBe(60);
    vi.advanceTimersByTime(100);
    expect([deadline.remainingMillis, deadline.expired]).toEqual([0, true]);
  });

  it('expires when the signal aborts', () => {
    const controller = new AbortController();
    const deadline = Deadline.after(Infinity, controller.signal);
    expect([deadline.remainingMillis, deadline.expired]).toEqual([Infinity, false]);
    controller.abort();
    expect([deadline.remainingMillis, deadline.expired]).toEqual([0, true]);
  });

  it('race returns the value, and leaves no timer and no listener', async () => {
    const { signal } = new AbortController();
    await expect(Deadline.after(100, signal).race(Promise.resolve('value'))).resolves.toEqual({
      expired: false,
      value: 'value',
    });
    expect([vi.getTimerCount(), getEventListeners(signal, 'abort')]).toEqual([0, []]);
  });

  it('race rejects as the promise does', async () => {
    await expect(Deadline.after(100).race(Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  });

  it('race expires when the time is up', async () => {
    const raced = Deadline.after(100).race(Promise.withResolvers().promise);
    await vi.advanceTimersByTimeAsync(100);
    await expect(raced).resolves.toEqual({ expired: true });
  });

  it('race expires when the signal aborts, or has aborted already', async () => {
    const controller = new AbortController();
    const raced = Deadline.after(Infinity, controller.signal).race(Promise.withResolvers().promise);
    controller.abort();
    await expect(raced).resolves.toEqual({ expired: true });
    const late = Deadline.after(Infinity, controller.signal).race(Promise.withResolvers().promise);
    await vi.advanceTimersByTimeAsync(1);
    await expect(late).resolves.toEqual({ expired: true });
  });
});
