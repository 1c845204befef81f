import { expect, it } from 'vitest';
import { createProcessFacts } from '../../../src/errors/process-facts.ts';
import { read } from '../../../src/values/read.ts';
import { waitFor } from '../../support/wait-for.ts';

it('reports the state of the process when it crashed', async () => {
  const facts = createProcessFacts(() => 3);
  const timer = setInterval(() => {}, 10);
  const found = await waitFor(() => {
    const now = facts();
    return 'nodejs.eventloop.delay.max' in now ? now : undefined;
  }, 'a sample of the event loop delay');
  clearInterval(timer);
  expect(found).toEqual({
    'process.uptime': expect.any(Number),
    'process.memory.usage': expect.any(Number),
    'v8js.memory.heap.used': expect.any(Number),
    'v8js.memory.heap.limit': expect.any(Number),
    'nodejs.eventloop.delay.max': expect.any(Number),
    'nodejs.eventloop.delay.mean': expect.any(Number),
    'v8js.resource.active': expect.objectContaining({ Timeout: expect.any(Number) }),
    'swansong.span.live': 3,
  });
  expect(Number(found['v8js.memory.heap.used'])).toBeLessThan(Number(found['v8js.memory.heap.limit']));
});

it('measures a stall of the event loop without the sampling interval', async () => {
  const facts = createProcessFacts(() => 0);
  await waitFor(() => 'nodejs.eventloop.delay.max' in facts(), 'a first sample');
  const until = performance.now() + 300;
  while (performance.now() < until);
  await waitFor(() => Number(facts()['nodejs.eventloop.delay.max']) > 0.1, 'the stall');
  expect(Number(facts()['nodejs.eventloop.delay.mean'])).toBeLessThan(Number(facts()['nodejs.eventloop.delay.max']));
});

it('counts what keeps the event loop alive, by type', () => {
  const facts = createProcessFacts(() => 0);
  const timers = (): unknown => read(facts()['v8js.resource.active'], 'Timeout') ?? 0;
  const before = timers();
  const started = [setTimeout(() => {}, 60_000), setTimeout(() => {}, 60_000)];
  const during = timers();
  for (const timer of started) clearTimeout(timer);
  facts.stop();
  expect([during, timers()]).toEqual([Number(before) + 2, before]);
});

it('adds no more to the delay than what the process has lived through', async () => {
  const startedAt = performance.now();
  const facts = createProcessFacts(() => 0);
  const max = await waitFor(() => facts()['nodejs.eventloop.delay.max'], 'a first sample');
  expect(Number(max) * 1000).toBeLessThan(performance.now() - startedAt);
  facts.stop();
});
