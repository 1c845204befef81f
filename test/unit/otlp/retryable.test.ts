import { describe, expect, it } from 'vitest';
import { retryAfterMillis } from '../../../src/otlp/retryable.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

describe('retryAfterMillis', () => {
  it.each([
    [undefined, 0],
    ['', 0],
    ['0', 0],
    [' 3 ', 3000],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['86400', 600_000],
    ['soon', 0],
    ['-5', 0],
  ])('%j is %i ms', (header, millis) => {
    expect(retryAfterMillis(header, now)).toBe(millis);
  });
});
