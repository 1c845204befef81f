import { mkdir, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { openJsonlStorage, type StorageOptions } from '../../../src/collector/jsonl-storage.ts';
import { signals } from '../../../src/collector/signals.ts';
import { openFilesIn, readLines, temporaryFolder } from '../../support/temporary-folder.ts';

const [traces, metrics] = signals;
if (traces === undefined || metrics === undefined) throw new Error('there are three signals');

const options = (directory: string): StorageOptions => ({
  directory,
  fsync: 'never',
  rotateBytes: Infinity,
  rotateMillis: Infinity,
  maxTotalBytes: Infinity,
  report: () => {},
  onWrite: () => {},
});

test('one line tells that a file fails, one that it works again, and the others are not touched', async () => {
  const folder = await temporaryFolder();
  const tracesFile = join(folder, 'traces.jsonl');
  await symlink('/dev/full', tracesFile);
  const reported: string[] = [];
  const storage = await openJsonlStorage({ ...options(folder), report: (text) => reported.push(text) }, signals);
  const line = Buffer.from('{}\n');
  const appended = [
    await storage.append(traces, line),
    await storage.append(traces, line),
    await storage.append(metrics, line),
  ];
  await unlink(tracesFile);
  appended.push(await storage.append(traces, line), await storage.append(traces, line));
  await storage.close(Deadline.after(10_000));

  expect(appended.map(({ ok }) => ok)).toEqual([false, false, true, true, true]);
  expect(reported).toEqual([
    `${tracesFile}: cannot write (ENOSPC: no space left on device, write); answering 503 until it works again`,
    `${tracesFile}: can be written again`,
  ]);
  expect(await readLines(tracesFile)).toEqual([{}, {}]);
});

test('a folder that cannot be made is told at once', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  const opening = openJsonlStorage(options(join(folder, 'file', 'telemetry')), signals);
  await expect(opening).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test('when one file cannot be opened the others are closed', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'logs.jsonl'));
  await expect(openJsonlStorage(options(folder), signals)).rejects.toMatchObject({ code: 'EISDIR' });
  expect(await openFilesIn(folder)).toEqual([]);
});
