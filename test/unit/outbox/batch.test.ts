import { describe, expect, it } from 'vitest';
import { Batch } from '../../../src/outbox/batch.ts';

describe('Batch', () => {
  it('is halved in its order, the first half is the larger one', () => {
    expect(new Batch([1, 2, 3]).halve().map(({ items }) => items)).toEqual([[1, 2], [3]]);
    expect(new Batch([1, 2]).halve().map(({ items }) => items)).toEqual([[1], [2]]);
  });

  it.each([true, false])('was tried if the whole was tried (%s)', (wasTried) => {
    const batch = new Batch([1, 2]);
    batch.wasTried = wasTried;
    expect(batch.halve().map((half) => half.wasTried)).toEqual([wasTried, wasTried]);
  });

  it('has settled when both halves have', async () => {
    const batch = new Batch([1, 2]);
    let settled = false;
    void batch.settled.then(() => (settled = true));
    const [first, second] = batch.halve();
    first.settle();
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    second.settle();
    await batch.settled;
  });
});
