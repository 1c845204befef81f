import * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { appendSync } from '../../../src/jsonl/append-sync.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const disk = vi.hoisted(() => ({ bytes: Infinity, calls: Infinity, onFull: (): void => {} }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    writeSync(file: number, line: Buffer, offset: number): number {
      disk.calls -= 1;
      if (disk.calls < 0) {
        disk.onFull();
        throw new Error('no space left');
      }
      return real.writeSync(file, line, offset, Math.min(disk.bytes, line.length - offset));
    },
  };
});

beforeEach(() => Object.assign(disk, { bytes: Infinity, calls: Infinity, onFull: () => {} }));

const LIMITS = { rotateBytes: Infinity, maxTotalBytes: Infinity };
const LINE = Buffer.from('{"line":1}\n');

async function fileWith(text: string) {
  const path = join(await temporaryFolder(), 'a.jsonl');
  fs.writeFileSync(path, text);
  return { path, text: () => fs.readFileSync(path, 'utf8') };
}

describe('appendSync', () => {
  it.each([1, 4, 10])('appends all of it where the disk takes %i bytes at a time', async (bytes) => {
    const { path, text } = await fileWith('0\n');
    disk.bytes = bytes;
    appendSync([LINE], { path, ...LIMITS });
    expect(text()).toBe('0\n{"line":1}\n');
  });

  it.each([0, 1, 2])('leaves nothing of a line that it could not write whole (after %i writes)', async (calls) => {
    const { path, text } = await fileWith('0\n');
    Object.assign(disk, { bytes: 4, calls });
    expect(() => appendSync([LINE], { path, ...LIMITS })).toThrow('no space left');
    expect(text()).toBe('0\n');
  });

  it('does not cut what another process has appended meanwhile', async () => {
    const { path, text } = await fileWith('0\n');
    Object.assign(disk, { bytes: 4, calls: 1, onFull: () => fs.appendFileSync(path, '\nother\n') });
    expect(() => appendSync([LINE], { path, ...LIMITS })).toThrow('no space left');
    expect(text()).toBe('0\n{"li\nother\n');
  });
});
