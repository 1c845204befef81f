import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished, vi } from 'vitest';
import * as clock from '../../../src/clock/clock.ts';

const src = join(import.meta.dirname, '../../../src');

it('a bundle that is loaded when time is mocked takes the clock of the first one', async () => {
  vi.useFakeTimers({ now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  vi.resetModules();
  const later = await import('../../../src/clock/clock.ts');
  expect(later).not.toBe(clock);
  expect({ ...later }).toEqual({
    ...clock,
    afterMicrotasks: expect.any(Function),
    nextTurn: expect.any(Function),
    processMillis: expect.any(Function),
  });
  expect(later.unixMillis()).toBeGreaterThan(Date.parse('2020-01-01'));
  await later.nextTurn();
  await new Promise<void>((resolve) => void later.setTimeout(resolve, 1));
});

it('the clock of the process is the same in every thread', async () => {
  const before = clock.processMillis();
  const worker = new Worker(
    `require('node:worker_threads').parentPort.postMessage(Number(process.hrtime.bigint()) / 1e6)`,
    { eval: true },
  );
  const inWorker = await new Promise<unknown>((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  expect(inWorker).toBeGreaterThan(before);
  expect(inWorker).toBeLessThan(clock.processMillis());
});

it('no other file has timers of its own', () => {
  const files = globSync('**/*.ts', { cwd: src }).filter((file) => file !== join('clock', 'clock.ts'));
  const own = files.filter((file) => /'node:(?:timers|perf_hooks)|globalThis\.(?:set|clear)[IT]/.test(code(file)));
  // The delay of the event loop is a measurement, no clock.
  expect(own).toEqual([join('errors', 'process-facts.ts')]);
});

function code(file: string): string {
  return readFileSync(join(src, file), 'utf8');
}
