import { describe, expect, it } from 'vitest';
import { retryDelayMillis } from '../../../src/outbox/backoff.ts';

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
