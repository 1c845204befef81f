import { mkdir, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RotatedFiles } from '../../../src/jsonl/rotated-files.ts';
import type { RotatedFile } from '../../../src/jsonl/rotation.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

const LIMITS = { rotateBytes: Infinity, rotateMillis: Infinity, maxTotalBytes: 10 };
const name = (day: number): string => `x-2026-01-0${day}T00-00-00.000Z.jsonl`;

async function setUp(days: readonly number[] = [1, 2, 3]) {
  const folder = await temporaryFolder();
  for (const day of days) await writeFile(join(folder, name(day)), 'x'.repeat(5));
  const rotated = new RotatedFiles(join(folder, 'x.jsonl'));
  await rotated.find();
  const removed: RotatedFile[] = [];
  const makeRoom = (bytes: number): Promise<void> => rotated.makeRoom(bytes, LIMITS, (file) => removed.push(file));
  return { folder, rotated, removed, makeRoom };
}

describe('RotatedFiles', () => {
  it('removes the oldest until the rest is within the limit, and tells which', async () => {
    const { folder, removed, makeRoom } = await setUp();
    await makeRoom(5);
    expect(removed).toEqual(
      [1, 2].map((day) => ({ path: join(folder, name(day)), bytes: 5, stamp: Date.UTC(2026, 0, day) })),
    );
    expect(await readdir(folder)).toEqual([name(3)]);
    await makeRoom(5);
    expect(removed).toHaveLength(2);
    await makeRoom(6);
    expect(removed).toHaveLength(3);
  });

  it('tells nothing of a file that another process has removed', async () => {
    const { folder, removed, makeRoom } = await setUp();
    await unlink(join(folder, name(1)));
    await makeRoom(5);
    expect(removed.map(({ path }) => path)).toEqual([join(folder, name(2))]);
  });

  it('fails where a file cannot be removed, and tries again', async () => {
    const { folder, removed, makeRoom } = await setUp();
    await unlink(join(folder, name(1)));
    await mkdir(join(folder, name(1)));
    await expect(makeRoom(5)).rejects.toThrow(/EISDIR|EPERM/);
    await rm(join(folder, name(1)), { recursive: true });
    await makeRoom(5);
    expect(removed.map(({ path }) => path)).toEqual([join(folder, name(2))]);
  });

  it('finds only its own files', async () => {
    const { folder, rotated, removed } = await setUp([1]);
    for (const other of ['y-2026-01-02T00-00-00.000Z.jsonl', 'x-2026-01-02.jsonl', 'x.jsonl']) {
      await writeFile(join(folder, other), 'other');
    }
    await rotated.find();
    await rotated.makeRoom(100, LIMITS, (file) => removed.push(file));
    expect(removed).toHaveLength(1);
  });

  it('fails in a folder that is not there', async () => {
    await expect(new RotatedFiles('/nowhere/at/all/x.jsonl').find()).rejects.toThrow('ENOENT');
  });

  it('names a file after the time, but never before those that are there', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 2) });
    onTestFinished(() => void vi.useRealTimers());
    const { folder, rotated } = await setUp([1, 3]);
    const rotate = async (): Promise<void> => {
      await writeFile(join(folder, 'x.jsonl'), 'x');
      await rotated.add();
    };
    await rotate();
    await rotate();
    vi.setSystemTime(Date.UTC(2026, 0, 4));
    await rotate();
    await unlink(join(folder, name(4)));
    await rotated.find();
    vi.setSystemTime(Date.UTC(2026, 0, 1));
    await rotate();
    expect(await readdir(folder)).toEqual([
      name(1),
      name(3),
      'x-2026-01-03T00-00-00.001Z.jsonl',
      'x-2026-01-03T00-00-00.002Z.jsonl',
      'x-2026-01-04T00-00-00.001Z.jsonl',
    ]);
  });
});
