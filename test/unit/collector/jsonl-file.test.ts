import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Appended, JsonlFile } from '../../../src/collector/jsonl-file.ts';
import { readLines, temporaryFolder } from './support/temporary-folder.ts';

const line = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);
const OK: Appended = { ok: true };

async function openFile(path: string): Promise<JsonlFile> {
  const file = await JsonlFile.open(path);
  onTestFinished(() => file.close());
  return file;
}

test('creates its folders, appends whole lines in the order they came', async () => {
  const path = join(await temporaryFolder(), 'a', 'b', 'x.jsonl');
  const file = await openFile(path);
  const lines = Array.from({ length: 500 }, (_, index) => ({ index, text: 'é\n'.repeat(index) }));
  const results = await Promise.all(lines.map((value) => file.append(line(value))));
  expect(results).toEqual(lines.map(() => OK));
  expect(await readLines(path)).toEqual(lines);
});

test('keeps what an earlier run wrote', async () => {
  const path = join(await temporaryFolder(), 'x.jsonl');
  await writeFile(path, '{"old":1}\n');
  const file = await openFile(path);
  await file.append(line({ new: 2 }));
  expect(await readLines(path)).toEqual([{ old: 1 }, { new: 2 }]);
});

test('a half line of a killed process stays alone on its line', async () => {
  const path = join(await temporaryFolder(), 'x.jsonl');
  await writeFile(path, '{"old":1}\n{"ha');
  const file = await openFile(path);
  await file.append(line({ new: 2 }));
  await file.append(line({ new: 3 }));
  expect(await readFile(path, 'utf8')).toBe('{"old":1}\n{"ha\n{"new":2}\n{"new":3}\n');
});

test('lines larger than one write may be are each written', async () => {
  const path = join(await temporaryFolder(), 'x.jsonl');
  const file = await openFile(path);
  const large = 'x'.repeat(17 * 1024 * 1024);
  const results = await Promise.all([{ large }, { large }, {}, {}].map((value) => file.append(line(value))));
  expect(results).toEqual([OK, OK, OK, OK]);
  expect(await readLines(path)).toEqual([{ large }, { large }, {}, {}]);
});

describe('heals', () => {
  test('when its folder was deleted', async () => {
    const folder = join(await temporaryFolder(), 'telemetry');
    const path = join(folder, 'x.jsonl');
    const file = await openFile(path);
    await file.append(line(1));
    await rm(folder, { recursive: true });
    expect(await file.append(line(2))).toEqual(OK);
    expect(await readLines(path)).toEqual([2]);
  });

  test('when the disk was full', async () => {
    const path = join(await temporaryFolder(), 'x.jsonl');
    await symlink('/dev/full', path);
    const file = await openFile(path);
    const results = await Promise.all([file.append(line(1)), file.append(line(2))]);
    expect(results.map((result) => result.ok || result.error.message)).toEqual([
      'ENOSPC: no space left on device, write',
      'ENOSPC: no space left on device, write',
    ]);
    await rm(path);
    expect(await file.append(line(3))).toEqual(OK);
    expect(await readLines(path)).toEqual([3]);
  });

  test('when a folder took its place', async () => {
    const path = join(await temporaryFolder(), 'x.jsonl');
    const file = await openFile(path);
    await rm(path);
    await mkdir(path);
    expect(await file.append(line(1))).toMatchObject({ ok: false, error: { code: 'EISDIR' } });
    await rm(path, { recursive: true });
    expect(await file.append(line(2))).toEqual(OK);
    expect(await readLines(path)).toEqual([2]);
  });
});

test('shares a file with another writer', async () => {
  const path = join(await temporaryFolder(), 'x.jsonl');
  const file = await openFile(path);
  await file.append(line(1));
  await appendFile(path, line(2));
  await file.append(line(3));
  expect(await readLines(path)).toEqual([1, 2, 3]);
});

test('closing writes what waits; afterwards nothing is taken', async () => {
  const path = join(await temporaryFolder(), 'x.jsonl');
  const file = await JsonlFile.open(path);
  const results = Promise.all([file.append(line(1)), file.append(line(2))]);
  await file.close();
  expect(await readLines(path)).toEqual([1, 2]);
  expect(await results).toEqual([OK, OK]);
  expect(await file.append(line(3))).toMatchObject({ ok: false, error: { message: 'the file is closed' } });
});
