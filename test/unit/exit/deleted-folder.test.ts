import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { leaveDeletedFolder } from '../../../src/exit/deleted-folder.ts';

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
