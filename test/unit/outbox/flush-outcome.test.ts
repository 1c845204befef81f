import { describe, expect, it } from 'vitest';
import { addDropped, addOutcomes, type FlushOutcome, FlushTally } from '../../../src/outbox/flush-outcome.ts';

describe('FlushTally', () => {
  it('counts what was delivered, what was lost for which reason, and what is left', () => {
    const tally = new FlushTally();
    expect(tally.outcome()).toEqual({ delivered: 0, undelivered: 0, dropped: {}, error: undefined });
    tally.expect(10);
    tally.expect(5);
    tally.delivered(4);
    tally.delivered(3);
    tally.dropped('refused', 2);
    tally.dropped('refused', 1);
    tally.dropped('rejected', 1);
    tally.dropped('invalid', 0);
    const [first, last] = [new Error('first'), new Error('last')];
    tally.failed(first);
    tally.failed(last);
    const outcome = tally.outcome();
    expect(outcome).toEqual({ delivered: 7, undelivered: 4, dropped: { refused: 3, rejected: 1 }, error: last });
    tally.dropped('refused', 1);
    expect(outcome.dropped.refused).toBe(3);
  });
});

describe('addOutcomes', () => {
  const outcome = (values: Partial<FlushOutcome>): FlushOutcome => ({
    delivered: 0,
    undelivered: 0,
    dropped: {},
    error: undefined,
    ...values,
  });

  it('adds up, and has the last error', () => {
    const [first, last] = [new Error('first'), new Error('last')];
    expect(
      addOutcomes([
        outcome({ delivered: 1, undelivered: 2, dropped: { queue_full: 3, too_large: 1 }, error: first }),
        outcome({ delivered: 10, undelivered: 20, dropped: { queue_full: 30, invalid: 5 }, error: last }),
        outcome({ delivered: 100, dropped: { rejected: 7, refused: 9 } }),
      ]),
    ).toEqual({
      delivered: 111,
      undelivered: 22,
      dropped: { queue_full: 33, too_large: 1, invalid: 5, rejected: 7, refused: 9 },
      error: last,
    });
  });

  it('is nothing of nothing', () => {
    expect(addOutcomes([])).toEqual(outcome({}));
  });

  it('knows the reasons, and takes nothing else for one', () => {
    const dropped = {};
    addDropped(dropped, Object.assign({ refused: 1 }, { nonsense: 1 }));
    expect(dropped).toEqual({ refused: 1 });
  });
});
