import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished, vi } from 'vitest';
import { processMillis } from '../../../src/clock/clock.ts';
import { leaveDeletedFolder } from '../../../src/exit/deleted-folder.ts';
import { ExitWorker } from '../../../src/exit/exit-worker.ts';
import { ANSWERS } from './worker-programs.ts';

function stay(): string {
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'swansong-deleted-')));
  process.chdir(folder);
  return folder;
}

const openFolders = (): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });

it('leaves a folder that was deleted, and goes back to it', () => {
  const folder = stay();
  rmdirSync(folder);
  const goBack = leaveDeletedFolder();
  expect(realpathSync.native('.')).toBe('/');
  goBack?.();
  expect(readlinkSync('/proc/self/cwd')).toBe(`${folder} (deleted)`);
  expect(openFolders().filter((path) => path.startsWith(folder))).toEqual([]);
});

it('stays in a folder that is there', () => {
  const folder = stay();
  onTestFinished(() => rmdirSync(folder));
  expect(leaveDeletedFolder()).toBe(undefined);
  expect(realpathSync.native('.')).toBe(folder);
});

it('is left until the worker has started', () => {
  const folder = stay();
  rmdirSync(folder);
  const worker = new ExitWorker({ program: ANSWERS, env: {} }, processMillis() + 60_000);
  expect(worker.changes).toBe(1);
  expect(readlinkSync('/proc/self/cwd')).toBe(`${folder} (deleted)`);
});

it('is left no longer than there is time, nor for a worker that does not start', () => {
  const folder = stay();
  rmdirSync(folder);
  const inTime = new ExitWorker({ program: 'for (;;);', env: {} }, processMillis() + 100);
  expect([inTime.changes, inTime.isAlive()]).toEqual([0, true]);
  const broken = new ExitWorker({ program: 'process.exit()', env: {} }, processMillis() + 60_000);
  expect([broken.changes, broken.isAlive()]).toEqual([0, false]);
  expect(readlinkSync('/proc/self/cwd')).toBe(`${folder} (deleted)`);
});

it('does not matter to this: the worker keeps no process alive', () => {
  const unreferenced = vi.spyOn(Worker.prototype, 'unref');
  onTestFinished(() => unreferenced.mockRestore());
  new ExitWorker({ program: ANSWERS, env: {} }, processMillis());
  expect(unreferenced).toHaveBeenCalledTimes(1);
});
