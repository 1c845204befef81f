import { describe, expect, it } from 'vitest';
import { type AppendResult, LineQueue } from '../../../src/jsonl/line-queue.ts';

function setUp(maxBytes = 10) {
  const queue = new LineQueue(maxBytes);
  const results: [string, AppendResult][] = [];
  const add = (...lines: readonly string[]): void => {
    for (const line of lines) {
      queue.add({ line: Buffer.from(line), resolve: (result) => results.push([line.slice(0, 9), result]) });
    }
  };
  const take = (room: number): readonly string[] => queue.take(room).lines.map(({ line }) => line.toString());
  return { queue, results, add, take };
}

describe('LineQueue', () => {
  it('has room up to its bound; an empty one for any line', () => {
    const { queue, add } = setUp(10);
    expect(queue.fits(1000)).toBe(true);
    add('12345');
    expect([queue.bytes, queue.fits(5), queue.fits(6)]).toEqual([5, true, false]);
  });

  it('takes what fits, and at least one line', () => {
    const { take, add, queue } = setUp();
    add('11', '22', '333', '4');
    expect([take(4), queue.isEmpty]).toEqual([['11', '22'], false]);
    expect([take(0), take(1), queue.isEmpty]).toEqual([['333'], ['4'], true]);
    expect(take(9)).toEqual([]);
  });

  it('takes 1024 lines at most, and 16 MiB', () => {
    const { queue, add } = setUp();
    add(...Array<string>(1025).fill('x'));
    expect(queue.take(Infinity)).toMatchObject({ lines: { length: 1024 }, bytes: 1024 });
    expect(queue.take(Infinity)).toMatchObject({ lines: { length: 1 }, bytes: 1 });
    const half = 'x'.repeat(8 * 1024 * 1024);
    add(half, half, 'y');
    expect(queue.take(Infinity)).toMatchObject({ lines: { length: 2 }, bytes: 16 * 1024 * 1024 });
  });

  it('counts what is being written until it is settled', () => {
    const { queue, results, add } = setUp();
    add('11', '22');
    const batch = queue.take(2);
    expect(queue.bytes).toBe(4);
    queue.settle(batch, { ok: true });
    expect([queue.bytes, results]).toEqual([2, [['11', { ok: true }]]]);
  });

  it('takes all that is left at the end', () => {
    const { queue, add } = setUp();
    add('11', '222');
    expect(queue.takeAll()).toMatchObject({ lines: { length: 2 }, bytes: 5 });
    expect([queue.isEmpty, queue.takeAll()]).toEqual([true, { lines: [], bytes: 0 }]);
  });
});
