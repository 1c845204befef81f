import { execFile } from 'node:child_process';
import {
  appendFile,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import type { JsonlEvent } from '../../../src/jsonl/jsonl-options.ts';
import { type AppendResult, JsonlFile } from '../../../src/jsonl/jsonl-file.ts';
import type { JsonlOptions, JsonlWrite } from '../../../src/jsonl/jsonl-options.ts';
import { openFilesIn, readLines, temporaryFolder } from '../../support/temporary-folder.ts';
import { waitFor } from '../../support/wait-for.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

const line = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);
const OK: AppendResult = { ok: true };
const run = promisify(execFile);
const soon = (): Deadline => Deadline.after(10_000);

interface Opened {
  readonly file: JsonlFile;
  readonly path: string;
  readonly folder: string;
  readonly events: JsonlEvent[];
  readonly writes: JsonlWrite[];
}

async function openFile(
  options: Partial<JsonlOptions> = {},
  prepare: (path: string, folder: string) => Promise<void> = async () => {},
): Promise<Opened> {
  const folder = join(await temporaryFolder(), 'telemetry');
  const path = join(folder, 'x.jsonl');
  await mkdir(folder);
  await prepare(path, folder);
  const events: JsonlEvent[] = [];
  const writes: JsonlWrite[] = [];
  const file = await JsonlFile.open({
    path,
    onEvent: (event) => events.push(event),
    onWrite: (write) => writes.push(write),
    ...options,
  });
  onTestFinished(async () => void (await file.close(soon())));
  return { file, path, folder, events, writes };
}

/** All files in the order in which they were written. */
async function readAll(folder: string): Promise<readonly (readonly unknown[])[]> {
  const names = (await readdir(folder)).sort();
  // The current one is `x.jsonl`: it sorts behind `x-2026….jsonl`.
  return Promise.all(names.map((name) => readLines(join(folder, name))));
}

test('creates its folders, appends whole lines in the order they came', async () => {
  const path = join(await temporaryFolder(), 'a', 'b', 'x.jsonl');
  const { file } = await openFile({ path });
  const lines = Array.from({ length: 3000 }, (_, index) => ({ index, text: 'é\n'.repeat(index % 500) }));
  const results = await Promise.all(lines.map((value) => file.append(line(value))));
  expect(results).toEqual(lines.map(() => OK));
  expect(await readLines(path)).toEqual(lines);
});

test('lines that come during a write share the next one', async () => {
  const { file, writes } = await openFile();
  await Promise.all(Array.from({ length: 100 }, (_, index) => file.append(line(index))));
  expect(writes).toMatchObject([{ lines: 100, bytes: 290, error: undefined }]);
  expect(file.counts()).toMatchObject({ lines: 100, bytes: 290, refused: 0, waitingBytes: 0 });
});

test('lines larger than one write may be are each written', async () => {
  const { file, path, writes } = await openFile();
  const large = 'x'.repeat(17 * 1024 * 1024);
  const results = await Promise.all([{ large }, { large }, {}, {}].map((value) => file.append(line(value))));
  expect(results).toEqual([OK, OK, OK, OK]);
  expect(await readLines(path)).toEqual([{ large }, { large }, {}, {}]);
  expect(writes.map(({ lines }) => lines)).toEqual([1, 1, 2]);
});

describe('what an earlier run wrote', () => {
  test('is kept', async () => {
    const { file, path, events } = await openFile({}, (name) => writeFile(name, '{"old":1}\n'));
    await file.append(line({ new: 2 }));
    expect(await readLines(path)).toEqual([{ old: 1 }, { new: 2 }]);
    expect(events).toEqual([]);
  });

  test.each([
    ['half a line behind whole ones', '{"old":1}\n', '{"ha'],
    ['half a line longer than one look', '{"old":1}\n', `{"${'ä'.repeat(100_000)}`],
    ['nothing but half a line', '', '{"ha'],
    ['zeros where the power went', '{"old":1}\n', '\0\0\0\0'],
  ])('is repaired: %s', async (_name, whole, torn) => {
    const { file, path, events } = await openFile({}, (name) => writeFile(name, `${whole}${torn}`));
    expect(await readFile(path, 'utf8')).toBe(whole);
    await file.append(line({ new: 2 }));
    expect(await readFile(path, 'utf8')).toBe(`${whole}{"new":2}\n`);
    const bytes = Buffer.byteLength(torn);
    expect(events).toEqual([{ kind: 'repaired', path, bytes }]);
    expect(file.counts().repairedBytes).toBe(bytes);
  });
});

describe('heals', () => {
  test('when its folder was deleted', async () => {
    const { file, path, folder } = await openFile();
    await file.append(line(1));
    await rm(folder, { recursive: true });
    expect(await file.append(line(2))).toEqual(OK);
    expect(await readLines(path)).toEqual([2]);
  });

  test('when the file was moved away', async () => {
    const { file, path } = await openFile();
    await file.append(line(1));
    await rename(path, `${path}.1`);
    expect(await file.append(line(2))).toEqual(OK);
    expect(await readLines(path)).toEqual([2]);
    expect(await readLines(`${path}.1`)).toEqual([1]);
  });

  test('when the disk was full, and tells it once', async () => {
    const { file, path, events, writes } = await openFile({}, (name) => symlink('/dev/full', name));
    const results = [await file.append(line(1)), await file.append(line(2))];
    expect(results).toMatchObject([
      { ok: false, reason: 'write-failed', error: { code: 'ENOSPC' } },
      { ok: false, reason: 'write-failed', error: { code: 'ENOSPC' } },
    ]);
    expect(file.failure).toMatchObject({ code: 'ENOSPC' });
    await rm(path);
    expect(await file.append(line(3))).toEqual(OK);
    expect(file.failure).toBeUndefined();
    expect(await readLines(path)).toEqual([3]);
    expect(events).toMatchObject([
      { kind: 'failing', path, error: { code: 'ENOSPC' } },
      { kind: 'recovered', path },
    ]);
    expect(writes.map(({ error }) => error === undefined)).toEqual([false, false, true]);
    expect(file.counts()).toMatchObject({ lines: 1, refused: 2 });
  });

  test('when a folder took its place', async () => {
    const { file, path } = await openFile();
    await rm(path);
    await mkdir(path);
    expect(await file.append(line(1))).toMatchObject({ ok: false, error: { code: 'EISDIR' } });
    await rm(path, { recursive: true });
    expect(await file.append(line(2))).toEqual(OK);
    expect(await readLines(path)).toEqual([2]);
  });
});

test('shares a file with another writer of whole lines', async () => {
  const { file, path } = await openFile();
  await file.append(line(1));
  await appendFile(path, line(2));
  await file.append(line(3));
  expect(await readLines(path)).toEqual([1, 2, 3]);
});

describe('fsync', () => {
  // Linux refuses to sync /dev/null: EINVAL shows that it was asked to.
  const toNull = (name: string): Promise<void> => symlink('/dev/null', name);

  test('never: is not asked for', async () => {
    const { file, events } = await openFile({ fsync: 'never' }, toNull);
    expect(await file.append(line(1))).toEqual(OK);
    expect(await file.close(soon())).toMatchObject({ ok: true });
    expect(events).toEqual([]);
  });

  test('always: before the line counts as written', async () => {
    const { file } = await openFile({ fsync: 'always' }, toNull);
    expect(await file.append(line(1))).toMatchObject({ ok: false, reason: 'write-failed', error: { code: 'EINVAL' } });
  });

  test('interval: some time after the line counts as written', async () => {
    const { file, events } = await openFile({ fsync: 'interval', fsyncIntervalMillis: 20 }, toNull);
    expect(await file.append(line(1))).toEqual(OK);
    expect(events).toEqual([]);
    await waitFor(() => events.length > 0, 'the sync');
    expect(events).toMatchObject([{ kind: 'failing', error: { code: 'EINVAL' } }]);
  });

  test('interval: at the latest when the file is closed', async () => {
    const { file } = await openFile({ fsync: 'interval', fsyncIntervalMillis: 3_600_000 }, toNull);
    expect(await file.append(line(1))).toEqual(OK);
    expect(await file.close(soon())).toMatchObject({ ok: false, linesLeft: 0, error: { code: 'EINVAL' } });
  });
});

describe('rotation', () => {
  test('a line that no longer fits begins a new file', async () => {
    const { file, folder } = await openFile({ rotateBytes: 10 });
    for (const value of [11, 22, 33, 44, 'a line longer than a file', 55]) await file.append(line(value));
    expect(await readAll(folder)).toEqual([[11, 22, 33], [44], ['a line longer than a file'], [55]]);
    expect(file.counts()).toMatchObject({ lines: 6, rotations: 3 });
  });

  test('also among lines that wait together', async () => {
    const { file, folder } = await openFile({ rotateBytes: 10 });
    await Promise.all([11, 22, 33, 44, 55].map((value) => file.append(line(value))));
    expect(await readAll(folder)).toEqual([
      [11, 22, 33],
      [44, 55],
    ]);
  });

  test('a write fills what is left of a file, and no more', async () => {
    const { file, folder } = await openFile({ rotateBytes: 10 });
    expect(file.writingMillis).toBe(0);
    await file.append(line(11));
    await Promise.all([22, 33, 44].map((value) => file.append(line(value))));
    expect(await readAll(folder)).toEqual([[11, 22, 33], [44]]);
    expect(file.writingMillis).toBe(0);
  });

  test('lines that wait together are written together, also behind a file that is full to the last byte', async () => {
    const { file, folder, writes } = await openFile({ rotateBytes: 9 });
    for (const values of [
      [11, 22, 33],
      [44, 55, 66],
    ]) {
      await Promise.all(values.map((value) => file.append(line(value))));
    }
    expect(await readAll(folder)).toEqual([
      [11, 22, 33],
      [44, 55, 66],
    ]);
    expect(writes.map(({ lines }) => lines)).toEqual([3, 3]);
  });

  test('an old file is left to the past by the next line', async () => {
    const { file, folder } = await openFile({ rotateMillis: 30 });
    await file.append(line(1));
    await waitFor(() => {
      void file.append(line(2));
      return file.counts().rotations > 0;
    }, 'a rotation');
    const [first] = await readAll(folder);
    expect(first?.[0]).toBe(1);
  });

  test('the age of a file counts from its making, across restarts', async () => {
    const { file, folder } = await openFile({ rotateMillis: 60_000 }, async (name) => {
      await writeFile(name, '1\n');
      // Moves the time of birth where the file system derives it from the times of change; elsewhere the file is young.
      await utimes(name, 0, 0);
    });
    const { birthtimeMs } = await stat(join(folder, 'x.jsonl'));
    await file.append(line(2));
    const isOld = Date.now() - birthtimeMs > 60_000;
    expect(await readAll(folder)).toEqual(isOld ? [[1], [2]] : [[1, 2]]);
  });

  test('a name is never used twice', async () => {
    const { file, folder } = await openFile({ rotateBytes: 1 }, async (_path, inFolder) => {
      await writeFile(join(inFolder, 'x-2999-01-01T00-00-00.000Z.jsonl'), '"from the future"\n');
    });
    for (const value of [1, 2, 3]) await file.append(line(value));
    expect(await readdir(folder)).toEqual([
      'x-2999-01-01T00-00-00.000Z.jsonl',
      'x-2999-01-01T00-00-00.001Z.jsonl',
      'x-2999-01-01T00-00-00.002Z.jsonl',
      'x.jsonl',
    ]);
    expect(await readAll(folder)).toEqual([['from the future'], [1], [2], [3]]);
  });

  test('what cannot be rotated fails, and heals', async () => {
    const { file, folder } = await openFile({ rotateBytes: 3 });
    await file.append(line(11));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2999-01-01') });
    onTestFinished(() => void vi.useRealTimers());
    // Nothing can be given the name of a folder, not even by root.
    const inTheWay = join(folder, 'x-2999-01-01T00-00-00.000Z.jsonl');
    await mkdir(inTheWay);
    expect(await file.append(line(22))).toMatchObject({ ok: false, reason: 'write-failed', error: { code: 'EISDIR' } });
    await rm(inTheWay, { recursive: true });
    expect(await file.append(line(33))).toEqual(OK);
    expect(await readAll(folder)).toEqual([[11], [33]]);
  });
});

describe('the bound on all files together', () => {
  const total = async (folder: string): Promise<number> => {
    const names = await readdir(folder);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  };

  test('holds at any time; the oldest files are removed and told', async () => {
    const { file, folder, events } = await openFile({ rotateBytes: 9, maxTotalBytes: 24 });
    for (let value = 10; value < 40; value += 1) {
      await file.append(line(value));
      expect(await total(folder)).toBeLessThanOrEqual(24);
    }
    expect(await readAll(folder)).toEqual([
      [34, 35, 36],
      [37, 38, 39],
    ]);
    expect(events).toHaveLength(8);
    expect(events[0]).toEqual({ kind: 'removed', path: expect.stringMatching(/x-.*Z\.jsonl$/), bytes: 9 });
    expect(file.counts()).toMatchObject({ lines: 30, removedFiles: 8, removedBytes: 72 });
  });

  test('counts what an earlier run left', async () => {
    const { file, folder } = await openFile({ maxTotalBytes: 20 }, async (_path, inFolder) => {
      await writeFile(join(inFolder, 'x-2020-01-01T00-00-00.000Z.jsonl'), '"old"\n');
      await writeFile(join(inFolder, 'x-2021-01-01T00-00-00.000Z.jsonl'), '"younger"\n');
      await writeFile(join(inFolder, 'x-notes.jsonl'), '"of somebody else, not counted"\n');
      await writeFile(join(inFolder, 'xy-2020-01-01T00-00-00.000Z.jsonl'), '"of another file"\n');
    });
    await file.append(line('new'));
    expect((await readdir(folder)).sort()).toEqual([
      'x-2021-01-01T00-00-00.000Z.jsonl',
      'x-notes.jsonl',
      'x.jsonl',
      'xy-2020-01-01T00-00-00.000Z.jsonl',
    ]);
  });

  test('holds when a removed file was gone already', async () => {
    const { file, folder } = await openFile({ rotateBytes: 3, maxTotalBytes: 6 });
    await file.append(line(11));
    await file.append(line(22));
    for (const name of await readdir(folder)) if (name !== 'x.jsonl') await rm(join(folder, name));
    await file.append(line(33));
    expect(await readAll(folder)).toEqual([[22], [33]]);
    expect(file.counts().removedFiles).toBe(0);
  });

  test('a line longer than the bound is refused for good', async () => {
    const { file, folder } = await openFile({ maxTotalBytes: 5 });
    expect(await file.append(line('long'))).toMatchObject({ ok: false, reason: 'too-long' });
    expect(await file.append(line('ok'))).toEqual(OK);
    expect(await file.append(line('so'))).toEqual(OK);
    expect(await readAll(folder)).toEqual([['so']]);
  });
});

test('what waits is bounded by its bytes; one line always fits', async () => {
  const { file, path } = await openFile({ maxWaitingBytes: 7 });
  const results = await Promise.all([11, 22, 33].map((value) => file.append(line(value))));
  expect(results).toMatchObject([
    OK,
    OK,
    {
      ok: false,
      reason: 'queue-full',
      error: { message: expect.stringMatching(/^\d+ of \d+ bytes wait to be written$/) },
    },
  ]);
  expect(await file.append(line('longer than that'))).toEqual(OK);
  expect(await readLines(path)).toEqual([11, 22, 'longer than that']);
  expect(file.counts()).toMatchObject({ lines: 3, refused: 1, waitingBytes: 0 });
});

describe('closing', () => {
  test('writes what waits; afterwards nothing is taken', async () => {
    const { file, path, folder } = await openFile();
    const results = Promise.all([file.append(line(1)), file.append(line(2))]);
    expect(await file.close(soon())).toEqual({ ok: true, linesLeft: 0, error: undefined });
    expect(await readLines(path)).toEqual([1, 2]);
    expect(await results).toEqual([OK, OK]);
    expect(await file.append(line(3))).toMatchObject({
      ok: false,
      reason: 'closed',
      error: { message: 'the file is closed' },
    });
    expect(await openFilesIn(folder)).toEqual([]);
  });

  test('gives up a write that hangs, at the deadline', async () => {
    // A pipe that nobody reads takes 64 KiB and then makes the writer wait.
    const { file, path } = await openFile({}, async (name) => void (await run('mkfifo', [name])));
    const results = Promise.all([file.append(line('x'.repeat(1_000_000))), file.append(line(2))]);
    await waitFor(() => file.writingMillis > 20, 'the write to hang');
    expect(await file.close(Deadline.after(20))).toMatchObject({ ok: false, linesLeft: 2 });
    expect(await results).toMatchObject([
      { ok: false, reason: 'closed' },
      { ok: false, reason: 'closed' },
    ]);
    expect(file.counts()).toMatchObject({ lines: 0, refused: 2, waitingBytes: 0 });
    const reader = await open(path, 'r');
    for (let read = 0; read < 1_000_003;) read += (await reader.read(Buffer.alloc(65_536))).bytesRead;
    await reader.close();
  });
});

test.each([
  ['rotateBytes', 0],
  ['maxTotalBytes', Number.NaN],
  ['maxWaitingBytes', -1],
] as const)('%s of %s is refused', async (name, value) => {
  const path = join(await temporaryFolder(), 'x.jsonl');
  const message = `${name}: expected a number from 1 (got ${value})`;
  await expect(JsonlFile.open({ path, [name]: value })).rejects.toThrow(new RangeError(message));
});
