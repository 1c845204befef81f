import { AsyncResource } from 'node:async_hooks';
import { readFile } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { StartedResources } from '../../../src/outbox/started-resources.ts';

const HOUR = 3_600_000;

function setUp() {
  const started = new StartedResources();
  onTestFinished(() => void started.release());
  return started;
}

function timer(): NodeJS.Timeout {
  const timeout = setTimeout(() => {}, HOUR);
  onTestFinished(() => clearTimeout(timeout));
  return timeout;
}

it('lets the process end without a timer that was started, also later on', async () => {
  const started = setUp();
  let later: NodeJS.Timeout | undefined;
  const [first, done] = started.watch(() => [timer(), Promise.resolve().then(() => (later = timer()))] as const);
  await done;
  const outside = timer();
  expect(started.release()).toBe(false);
  expect([first.hasRef(), later?.hasRef(), outside.hasRef()]).toEqual([false, false, true]);
});

it.each<[string, () => unknown]>([
  ['nothing', () => {}],
  ['a timer that is cleared at once', () => clearTimeout(setTimeout(() => {}, HOUR))],
  ['an immediate', () => setImmediate(() => {})],
  ['what ends at once', () => gzipSync('text')],
  ['what is never in use', () => new AsyncResource('idle')],
  ['a microtask and a tick', () => process.nextTick(() => queueMicrotask(() => {}))],
])('%s does not keep it alive, whatever was started elsewhere meanwhile', (_what, start) => {
  const started = setUp();
  started.watch(start);
  timer();
  expect(started.release()).toBe(false);
});

it('says what keeps it alive all the same: reading a file', () => {
  const started = setUp();
  started.watch(() => readFile(import.meta.filename, () => {}));
  expect(started.release()).toBe(true);
});

it('watches nothing any more once it has released, also what goes on of what was started', async () => {
  const started = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  const goesOn = started.watch(() => promise.then(timer));
  started.watch(() => readFile(import.meta.filename, () => {}));
  started.release();
  resolve();
  expect((await goesOn).hasRef()).toBe(true);
  expect(started.release()).toBe(false);
});
