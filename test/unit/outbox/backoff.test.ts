import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Backoff, retryDelayMillis } from '../../../src/outbox/backoff.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

describe('retryDelayMillis', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [5, 16_000],
    [6, 30_000],
    [1000, 30_000],
  ])('after failure %i is %i ms in the middle of its jitter', (failures, millis) => {
    expect(retryDelayMillis(failures, () => 0.5)).toBe(millis);
    expect(retryDelayMillis(failures, () => 0)).toBe(millis * 0.8);
    expect(retryDelayMillis(failures, () => 1)).toBeCloseTo(millis * 1.2);
  });
});

describe('Backoff', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  /** An attempt that begins now and takes a while. */
  function attempt(backoff: Backoff, retryAfterMillis = 0): void {
    const startedAt = performance.now();
    vi.advanceTimersByTime(10);
    backoff.failed(startedAt, retryAfterMillis);
  }

  it('neither pauses nor limits anything at first', () => {
    const backoff = new Backoff(4);
    expect([backoff.pauseMillis, backoff.maxInFlight]).toEqual([0, 4]);
  });

  it('pauses longer after each failure, and not at all once the pause is over', () => {
    const backoff = new Backoff(4);
    attempt(backoff);
    expect([backoff.pauseMillis, backoff.maxInFlight]).toEqual([1000, 1]);
    vi.advanceTimersByTime(400);
    expect(backoff.pauseMillis).toBe(600);
    vi.advanceTimersByTime(600);
    expect(backoff.pauseMillis).toBe(0);
    attempt(backoff);
    expect(backoff.pauseMillis).toBe(2000);
    vi.advanceTimersByTime(5000);
    expect(backoff.pauseMillis).toBe(0);
    attempt(backoff);
    expect(backoff.pauseMillis).toBe(4000);
  });

  it('takes attempts that were in flight together for one failure', () => {
    const backoff = new Backoff(4);
    vi.advanceTimersByTime(5);
    const startedAt = performance.now();
    vi.advanceTimersByTime(10);
    for (let failed = 0; failed < 4; failed += 1) backoff.failed(startedAt, 0);
    expect(backoff.pauseMillis).toBe(1000);
    backoff.failed(performance.now(), 0);
    expect(backoff.pauseMillis).toBe(2000);
  });

  it('allows one batch more with each answer, up to the limit, and starts anew at the next failure', () => {
    const backoff = new Backoff(3);
    for (let failed = 0; failed < 3; failed += 1) attempt(backoff);
    const allowed = [1, 2, 3].map(() => {
      backoff.answered();
      return backoff.maxInFlight;
    });
    expect([allowed, backoff.pauseMillis]).toEqual([[2, 3, 3], 0]);
    attempt(backoff);
    expect([backoff.maxInFlight, backoff.pauseMillis]).toEqual([1, 1000]);
  });

  it('keeps to the latest time that the backend asked for, also when the pause is cancelled', () => {
    const backoff = new Backoff(1);
    attempt(backoff, 9000);
    attempt(backoff, 0);
    expect(backoff.pauseMillis).toBe(8990);
    backoff.cancelPause();
    expect(backoff.pauseMillis).toBe(8990);
    backoff.answered();
    expect(backoff.pauseMillis).toBe(8990);
  });

  it('forgets former failures when the pause is cancelled', () => {
    const backoff = new Backoff(1);
    for (let failed = 0; failed < 3; failed += 1) attempt(backoff);
    backoff.cancelPause();
    expect(backoff.pauseMillis).toBe(0);
    attempt(backoff);
    expect(backoff.pauseMillis).toBe(1000);
  });
});
