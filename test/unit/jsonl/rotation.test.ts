import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { bornAt, filesToRemove, mustRotate, nextStamp, oldestFirst, stampOf } from '../../../src/jsonl/rotation.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

const NOW = Date.UTC(2026, 0, 2);

function useClock(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  onTestFinished(() => void vi.useRealTimers());
}

const file = (stamp: number, bytes = 1) => ({ path: String(stamp), bytes, stamp });

describe('the rules of rotation', () => {
  it('take the time of birth where there is one and the file has a line, else now', () => {
    useClock();
    expect([bornAt({ size: 1, birthtimeMs: 1 }), bornAt({ size: 0, birthtimeMs: 1 })]).toEqual([1, NOW]);
    expect(bornAt({ size: 1, birthtimeMs: 0 })).toBe(NOW);
    expect(bornAt({ size: 1, birthtimeMs: 0.5 })).toBe(0.5);
  });

  it('begin a new file where the line does not fit, or the file is old, but never behind an empty one', () => {
    useClock();
    const limits = { rotateBytes: 10, rotateMillis: 1000, maxTotalBytes: 20 };
    const must = (size: number, bytes: number, age = 0): boolean =>
      mustRotate({ size, bornAt: NOW - age }, bytes, limits);
    expect([must(5, 5), must(5, 6), must(0, 100)]).toEqual([false, true, false]);
    expect([must(1, 1, 999), must(1, 1, 1000), must(0, 1, 1000)]).toEqual([false, true, false]);
  });

  it('sort by the stamp, whatever the order was, and leave the list as it is', () => {
    const files = [file(3), file(1), file(2)];
    expect(oldestFirst(files).map(({ stamp }) => stamp)).toEqual([1, 2, 3]);
    expect(files.map(({ stamp }) => stamp)).toEqual([3, 1, 2]);
  });

  it('remove as many of the oldest as are too much', () => {
    const files = [file(1, 5), file(2, 5), file(3, 5)];
    const removed = (bytes: number): readonly number[] =>
      filesToRemove(files, bytes, { rotateBytes: Infinity, rotateMillis: Infinity, maxTotalBytes: 15 }).map(
        ({ stamp }) => stamp,
      );
    expect([removed(0), removed(1), removed(5), removed(6), removed(100)]).toEqual([[], [1], [1], [1, 2], [1, 2, 3]]);
  });

  it('never give a stamp twice', () => {
    useClock();
    expect([nextStamp(0), nextStamp(NOW), nextStamp(NOW + 5)]).toEqual([NOW, NOW + 1, NOW + 6]);
  });

  it.each([
    ['x-2026-01-02T00-00-00.000Z.jsonl', NOW],
    ['x-2026-13-02T00-00-00.000Z.jsonl', undefined],
    ['x-2026-01-02T00-00-00Z.jsonl', undefined],
    ['xy-2026-01-02T00-00-00.000Z.jsonl', undefined],
    ['x-2026-01-02T00-00-00.000Z.json', undefined],
    ['x.jsonl', undefined],
  ])('read the stamp of %s: %s', (name, stamp) => {
    expect(stampOf(name, '/folder/x.jsonl')).toBe(stamp);
  });
});
