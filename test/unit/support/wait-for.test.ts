import { expect, test } from 'vitest';
import { Conditions, waitFor } from '../../support/wait-for.ts';

const nothing = (): string => 'nothing';

test('a condition that holds already resolves with its value', async () => {
  expect(await new Conditions().until(() => 7, 'seven', nothing)).toBe(7);
});

test('zero and the empty string count as met: only undefined, null and false do not', async () => {
  expect(await new Conditions().until(() => 0, 'zero', nothing)).toBe(0);
  expect(await new Conditions().until(() => '', 'empty', nothing)).toBe('');
});

test('a condition is checked only when something has changed', async () => {
  const conditions = new Conditions();
  let looks = 0;
  let value: string | undefined;
  const waiting = conditions.until(
    () => {
      looks += 1;
      return value;
    },
    'a value',
    nothing,
  );
  value = 'here';
  await new Promise((resolve) => setImmediate(resolve));
  expect(looks).toBe(1);
  conditions.changed();
  conditions.changed();
  expect(await waiting).toBe('here');
  expect(looks).toBe(2);
});

test('the failure at the time limit shows what was expected and what there was', async () => {
  const waiting = new Conditions().until(
    () => false,
    'a miracle',
    () => 'two frogs',
    { boundMillis: 1 },
  );
  await expect(waiting).rejects.toThrow('waited 1 ms for a miracle\ntwo frogs');
});

test('an error of the condition reaches the waiting test at once', async () => {
  const conditions = new Conditions();
  const mistake = new Error('mistake');
  let broken = false;
  const waiting = conditions.until(
    () => {
      if (broken) throw mistake;
      return undefined;
    },
    'anything',
    nothing,
  );
  broken = true;
  conditions.changed();
  await expect(waiting).rejects.toBe(mistake);
});

test('waitFor checks again until the condition is met', async () => {
  let looks = 0;
  expect(await waitFor(() => (looks += 1) === 3 && 'third', 'the third look')).toBe('third');
});

test('waitFor fails at its time limit with what was expected', async () => {
  await expect(waitFor(() => null, 'nothing at all', { boundMillis: 1 })).rejects.toThrow(
    'waited 1 ms for nothing at all',
  );
});
