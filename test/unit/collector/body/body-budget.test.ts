import { expect, test } from 'vitest';
import { BodyBudget } from '../../../../src/collector/body/body-budget.ts';

test('leases share the limit, and a refused one changes nothing', () => {
  const budget = new BodyBudget(100);
  const [first, second] = [budget.lease(), budget.lease()];
  expect([first.resize(60), second.resize(41), budget.used]).toEqual([true, false, 60]);
  expect([second.resize(40), first.resize(61), budget.used]).toEqual([true, false, 100]);
  expect([first.resize(10), second.resize(90), budget.used]).toEqual([true, true, 100]);
  first.release();
  first.release();
  second.release();
  expect(budget.used).toBe(0);
});

test('what is in use anyway is counted, and others wait for it', () => {
  const budget = new BodyBudget(100);
  const [first, second] = [budget.lease(), budget.lease()];
  first.force(150);
  expect([second.resize(1), budget.used]).toEqual([false, 150]);
  first.release();
  expect([second.resize(1), budget.used]).toEqual([true, 1]);
});
