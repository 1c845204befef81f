import { expect, test } from 'vitest';
import { DecodeScheduler } from '../../../src/collector/decode-scheduler.ts';

const KIB = 1024;

/** In which turn of the event loop each of them came, all asked for at once; the first came in turn 0. */
async function turnsOf(sizes: readonly number[]): Promise<readonly number[]> {
  const scheduler = new DecodeScheduler();
  let turn = 0;
  const count = (): void => {
    turn += 1;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  const turns = await Promise.all(
    sizes.map(async (bytes) => {
      await scheduler.waitForTurn(bytes);
      return turn;
    }),
  );
  clearImmediate(counting);
  return turns.map((each) => each - (turns[0] ?? 0));
}

test.each([
  ['large ones have a turn each, in their order', [400 * KIB, 400 * KIB, 400 * KIB], [0, 1, 2]],
  ['small ones share a turn', [KIB, KIB, KIB, KIB], [0, 0, 0, 0]],
  ['until it is full', [200 * KIB, 300 * KIB, 100 * KIB, 300 * KIB, 200 * KIB], [0, 0, 1, 1, 2]],
])('%s', async (_what, sizes, turns) => {
  expect(await turnsOf(sizes)).toEqual(turns);
});

test('large requests run one after the other, in their order, also after one that fails', async () => {
  const scheduler = new DecodeScheduler();
  const log: string[] = [];
  const work = (name: string) => async (): Promise<string> => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
    if (name === 'a') throw new Error(name);
    return name;
  };
  const results = await Promise.allSettled([scheduler.runLarge(work('a')), scheduler.runLarge(work('b'))]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});
