import { describe, expect, it } from 'vitest';
import { type JsonlOptions, resolveJsonlOptions } from '../../../src/jsonl/jsonl-options.ts';

describe('resolveJsonlOptions', () => {
  it('has the documented defaults, and listeners that do nothing', () => {
    const { slots, onEvent, onWrite, ...options } = resolveJsonlOptions({ path: '/x.jsonl' });
    expect(options).toEqual({
      path: '/x.jsonl',
      fsync: 'never',
      fsyncIntervalMillis: 1000,
      rotateBytes: Infinity,
      rotateMillis: Infinity,
      maxTotalBytes: Infinity,
      maxWaitingBytes: 67_108_864,
    });
    onEvent({ kind: 'recovered', path: '/x.jsonl' });
    onWrite({ millis: 1, lines: 1, bytes: 1, error: undefined });
    expect(slots).not.toBe(resolveJsonlOptions({ path: '/x.jsonl' }).slots);
  });

  it('keeps what is given', () => {
    const given: JsonlOptions = {
      path: '/x.jsonl',
      fsync: 'always',
      fsyncIntervalMillis: 1,
      rotateBytes: 2,
      rotateMillis: 3,
      maxTotalBytes: 4,
      maxWaitingBytes: 5,
    };
    expect(resolveJsonlOptions(given)).toMatchObject(given);
  });

  it.each(['fsyncIntervalMillis', 'rotateBytes', 'rotateMillis', 'maxTotalBytes', 'maxWaitingBytes'] as const)(
    'refuses a %s below 1',
    (name) => {
      for (const value of [0, 0.5, -1, Number.NaN]) {
        expect(() => resolveJsonlOptions({ path: '/x.jsonl', [name]: value })).toThrow(
          new RangeError(`${name}: expected a number from 1 (got ${value})`),
        );
      }
    },
  );
});
