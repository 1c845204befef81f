import { readFile } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { StartedResources } from '../../../src/outbox/started-resources.ts';

const HOUR = 3_600_000;

function setUp() {
  const started = new StartedResources();
  onTestFinished(() => started.release());
  return started;
}

function timer(): NodeJS.Timeout {
  const timeout = setTimeout(() => {}, HOUR);
  onTestFinished(() => clearTimeout(timeout));
  return timeout;
}

it('knows a timer that was started, also later on, and lets the process end without it', async () => {
  const started = setUp();
  let later: NodeJS.Timeout | undefined;
  const [first, done] = started.watch(() => [timer(), Promise.resolve().then(() => (later = timer()))] as const);
  expect(started.keepAlive).toBe(true);
  await done;
  const outside = timer();
  started.release();
  expect([first.hasRef(), later?.hasRef(), outside.hasRef()]).toEqual([false, false, true]);
  expect(started.keepAlive).toBe(false);
});

it('does not count what was started elsewhere meanwhile, nor what is unreferenced', () => {
  const started = setUp();
  started.watch(() => {});
  timer();
  expect(started.keepAlive).toBe(false);
  started.watch(() => setTimeout(() => {}, HOUR).unref());
  expect(started.keepAlive).toBe(false);
});

it('does not count what ends with this turn', () => {
  const started = setUp();
  started.watch(() => {
    void Promise.resolve().then(() => {});
    process.nextTick(() => {});
    queueMicrotask(() => {});
  });
  expect(started.keepAlive).toBe(false);
});

it('counts what keeps the process alive without saying so: reading a file', () => {
  const started = setUp();
  started.watch(() => readFile(import.meta.filename, () => {}));
  expect(started.keepAlive).toBe(true);
});

it('watches nothing any more once it has released, also what goes on of what was started', async () => {
  const started = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  const goesOn = started.watch(() => promise.then(timer));
  started.watch(() => readFile(import.meta.filename, () => {}));
  started.release();
  resolve();
  await goesOn;
  expect(started.keepAlive).toBe(false);
});
