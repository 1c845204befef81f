import { appendFileSync, readFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CurrentFile } from '../../../src/jsonl/current-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

afterEach(() => vi.restoreAllMocks());

async function setUp(before = '') {
  const path = join(await temporaryFolder(), 'folder', 'x.jsonl');
  if (before !== '') {
    await mkdir(join(path, '..'));
    await writeFile(path, before);
  }
  const file = await CurrentFile.open(path);
  onTestFinished(() => file.abandon());
  return { file, path, text: () => readFileSync(path, 'utf8') };
}

/** `writev` as on a disk that takes so many bytes at a time, and after so many calls none. */
async function writesOf(bytes: number, calls = Infinity, onFull = (): void => {}): Promise<void> {
  const handle = await open(import.meta.filename);
  const prototype: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  let call = 0;
  vi.spyOn(prototype, 'writev').mockImplementation(async function (this: FileHandle, buffers) {
    call += 1;
    if (call > calls) {
      onFull();
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    }
    const part = Buffer.concat(
      buffers.map((buffer) => Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength)),
    );
    const { bytesWritten } = await this.write(part.subarray(0, bytes));
    return { bytesWritten, buffers: [...buffers] };
  });
}

const LINES = ['1\n', '22\n', '333\n'].map((line) => Buffer.from(line));

describe('CurrentFile', () => {
  it.each([1, 2, 3, 4, 5, 6, 8, 9, 100])('appends all of it where the disk takes %i bytes at a time', async (bytes) => {
    const { file, text } = await setUp('0\n');
    await writesOf(bytes);
    await file.append(LINES);
    expect([text(), file.size]).toEqual(['0\n1\n22\n333\n', 11]);
  });

  it.each([0, 1, 2])('leaves nothing of what it could not write whole (after %i writes)', async (calls) => {
    const { file, text } = await setUp('0\n');
    await writesOf(3, calls);
    await expect(file.append(LINES)).rejects.toThrow('no space left');
    expect([text(), file.size]).toEqual(['0\n', 2]);
  });

  it('does not cut what another process has appended meanwhile', async () => {
    const { file, path, text } = await setUp('0\n');
    await writesOf(3, 1, () => appendFileSync(path, '\nother\n'));
    await expect(file.append(LINES)).rejects.toThrow('no space left');
    expect(text()).toBe('0\n1\n2\nother\n');
  });

  it('reports the error of the write, also where nothing can be taken back', async () => {
    const { file } = await setUp();
    await file.close();
    await expect(file.append(LINES)).rejects.toThrow(/closed|EBADF/);
    await expect(file.takeBack(0, 1)).resolves.toBe(undefined);
    await expect(file.abandon()).resolves.toBe(undefined);
  });

  it('knows whether its path still leads to it, and how large it is by now', async () => {
    const { file, path } = await setUp('0\n');
    expect([await file.isInPlace(), file.size]).toEqual([true, 2]);
    appendFileSync(path, 'other\n');
    expect([await file.isInPlace(), file.size]).toEqual([true, 8]);
    await rename(path, `${path}.1`);
    expect(await file.isInPlace()).toBe(false);
    await writeFile(path, '');
    expect(await file.isInPlace()).toBe(false);
    await rm(path);
    await rename(`${path}.1`, path);
    expect(await file.isInPlace()).toBe(true);
  });

  it('says what it cut off when it was opened', async () => {
    const { file, text } = await setUp('0\n{"torn');
    expect([file.repairedBytes, file.size, text()]).toEqual([6, 2, '0\n']);
  });
});
