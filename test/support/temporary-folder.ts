import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whenTestEnds } from './when-test-ends.ts';

/** A folder that is gone when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swansong-collector-'));
  whenTestEnds(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The lines of a file, each parsed. @throws when the file does not end in a newline or a line is no JSON */
export async function readLines(path: string): Promise<readonly unknown[]> {
  const text = await readFile(path, 'utf8');
  if (text === '') return [];
  if (!text.endsWith('\n')) throw new Error(`${path} ends within a line`);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

/** The files under a folder that this process holds open. Linux only. */
export async function openFilesIn(folder: string): Promise<readonly string[]> {
  const descriptors = await readdir('/proc/self/fd');
  // The descriptor with which the folder of descriptors was read is gone by now.
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(folder));
}
