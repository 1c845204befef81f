import { expect, test } from 'vitest';
import { Turns } from '../../../src/collector/turns.ts';

test('one after the other, in their order, also after one that fails', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const work = (name: string) => async (): Promise<string> => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
    if (name === 'a') throw new Error(name);
    return name;
  };
  const results = await Promise.allSettled([turns.take(work('a')), turns.take(work('b'))]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});
