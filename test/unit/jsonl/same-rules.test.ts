import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { type AppendSyncOptions, appendSync } from '../../../src/jsonl/append-sync.ts';
import { JsonlFile } from '../../../src/jsonl/jsonl-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

type Files = Readonly<Record<string, string>>;
type Limits = Omit<AppendSyncOptions, 'path'>;

/** The clock stands still at this time, so the names of rotated files are known. */
const NOW = '2999-01-01T00:00:00.000Z';
const rotatedNow = (millis: number): string => `x-2999-01-01T00-00-00.00${millis}Z.jsonl`;

const OLD = 'x-2020-01-01T00-00-00.000Z.jsonl';
const YOUNGER = 'x-2021-01-01T00-00-00.000Z.jsonl';
const LATER_THAN_NOW = 'x-2999-01-01T00-00-00.005Z.jsonl';
/** Longer than one step of the search for the last newline. */
const LONG = 'x'.repeat(150_000);

const FOREIGN: Files = {
  'x-notes.jsonl': '"not ours"\n',
  'xy-2020-01-01T00-00-00.000Z.jsonl': '"of another file"\n',
  'x-2020-01-01T00-00-00.000Z.jsonl.gz': 'packed',
  'x-2020-13-01T00-00-00.000Z.jsonl': '"no such month"\n',
};

interface Case {
  readonly name: string;
  readonly limits?: Limits;
  readonly before: Files;
  readonly lines: readonly string[];
  readonly after: Files;
}

const cases: readonly Case[] = [
  { name: 'an empty folder', before: {}, lines: ['11', '22'], after: { 'x.jsonl': '11\n22\n' } },
  { name: 'an empty file', before: { 'x.jsonl': '' }, lines: ['11'], after: { 'x.jsonl': '11\n' } },
  { name: 'whole lines', before: { 'x.jsonl': '1\n2\n' }, lines: ['3'], after: { 'x.jsonl': '1\n2\n3\n' } },
  { name: 'a torn line', before: { 'x.jsonl': '1\n{"to' }, lines: ['2'], after: { 'x.jsonl': '1\n2\n' } },
  { name: 'nothing but a torn line', before: { 'x.jsonl': '{"to' }, lines: ['1'], after: { 'x.jsonl': '1\n' } },
  {
    name: 'a long torn line',
    before: { 'x.jsonl': `1\n${LONG}` },
    lines: ['2'],
    after: { 'x.jsonl': '1\n2\n' },
  },
  { name: 'nothing but a long torn line', before: { 'x.jsonl': LONG }, lines: ['1'], after: { 'x.jsonl': '1\n' } },
  {
    name: 'a torn line behind a long one',
    before: { 'x.jsonl': `${LONG}\n{"to` },
    lines: ['2'],
    after: { 'x.jsonl': `${LONG}\n2\n` },
  },
  {
    name: 'a file that the line just fits into',
    limits: { rotateBytes: 6 },
    before: { 'x.jsonl': '11\n' },
    lines: ['22'],
    after: { 'x.jsonl': '11\n22\n' },
  },
  {
    name: 'a file at its limit',
    limits: { rotateBytes: 6 },
    before: { 'x.jsonl': '11\n22\n' },
    lines: ['33'],
    after: { [rotatedNow(0)]: '11\n22\n', 'x.jsonl': '33\n' },
  },
  {
    name: 'a file that has room once its torn line is cut off',
    limits: { rotateBytes: 6 },
    before: { 'x.jsonl': '11\n{"torn and long"' },
    lines: ['22'],
    after: { 'x.jsonl': '11\n22\n' },
  },
  {
    name: 'a line longer than a file may be',
    limits: { rotateBytes: 3 },
    before: {},
    lines: ['"long"', '1'],
    after: { [rotatedNow(0)]: '"long"\n', 'x.jsonl': '1\n' },
  },
  {
    name: 'several rotations at the same time',
    limits: { rotateBytes: 3 },
    before: {},
    lines: ['11', '22', '33'],
    after: { [rotatedNow(0)]: '11\n', [rotatedNow(1)]: '22\n', 'x.jsonl': '33\n' },
  },
  {
    name: 'a rotated file from the future',
    limits: { rotateBytes: 3 },
    before: { [LATER_THAN_NOW]: '"future"\n', 'x.jsonl': '11\n' },
    lines: ['22'],
    after: { [LATER_THAN_NOW]: '"future"\n', [rotatedNow(6)]: '11\n', 'x.jsonl': '22\n' },
  },
  {
    name: 'a file that is too old',
    limits: { rotateMillis: 60_000 },
    before: { 'x.jsonl': '1\n' },
    lines: ['2'],
    after: { [rotatedNow(0)]: '1\n', 'x.jsonl': '2\n' },
  },
  {
    name: 'an empty file that is too old',
    limits: { rotateMillis: 60_000 },
    before: { 'x.jsonl': '' },
    lines: ['1'],
    after: { 'x.jsonl': '1\n' },
  },
  {
    name: 'all files just within their limit',
    limits: { maxTotalBytes: 9 },
    before: { [OLD]: '11\n', [YOUNGER]: '22\n' },
    lines: ['33'],
    after: { [OLD]: '11\n', [YOUNGER]: '22\n', 'x.jsonl': '33\n' },
  },
  {
    name: 'all files beyond their limit',
    limits: { maxTotalBytes: 9 },
    before: { [OLD]: '11\n', [YOUNGER]: '22\n', 'x.jsonl': '33\n' },
    lines: ['44'],
    after: { 'x.jsonl': '33\n44\n', [YOUNGER]: '22\n' },
  },
  {
    name: 'all files far beyond their limit',
    limits: { maxTotalBytes: 5 },
    before: { [OLD]: '11\n', [YOUNGER]: '22\n', 'x.jsonl': '33\n' },
    lines: ['44'],
    after: { 'x.jsonl': '44\n' },
  },
  {
    name: 'a limit on all files that one file reaches alone',
    limits: { rotateBytes: 6, maxTotalBytes: 6 },
    before: { 'x.jsonl': '11\n22\n' },
    lines: ['33'],
    after: { 'x.jsonl': '33\n' },
  },
  {
    name: 'foreign files beside',
    limits: { rotateBytes: 3, maxTotalBytes: 6 },
    before: { ...FOREIGN, [OLD]: '11\n', 'x.jsonl': '22\n' },
    lines: ['33'],
    after: { ...FOREIGN, [rotatedNow(0)]: '22\n', 'x.jsonl': '33\n' },
  },
];

type Write = (path: string, lines: readonly Buffer[], limits: Limits) => Promise<void>;

const writers: readonly (readonly [string, Write])[] = [
  [
    'JsonlFile',
    async (path, lines, limits) => {
      const file = await JsonlFile.open({ path, ...limits });
      for (const line of lines) expect(await file.append(line)).toEqual({ ok: true });
      await file.close(Deadline.after(10_000));
    },
  ],
  ['appendSync', async (path, lines, limits) => appendSync(lines, { path, ...limits })],
];

const filesIn = (folder: string): Files =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

describe.each(writers)('%s', (_writer, write) => {
  test.each(cases)('$name', async ({ before, lines, limits = {}, after }) => {
    const folder = join(await temporaryFolder(), 'telemetry');
    mkdirSync(folder);
    for (const [name, content] of Object.entries(before)) writeFileSync(join(folder, name), content);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(NOW) });
    onTestFinished(() => void vi.useRealTimers());
    await write(
      join(folder, 'x.jsonl'),
      lines.map((line) => Buffer.from(`${line}\n`)),
      limits,
    );
    expect(filesIn(folder)).toEqual(after);
  });
});

test('both refuse a line that is longer than all files may be, in the same words, and change nothing', async () => {
  const path = join(await temporaryFolder(), 'x.jsonl');
  writeFileSync(path, '11\n');
  const line = Buffer.from('"long"\n');
  const message = 'the line has 7 bytes, all files together may have 6';
  const file = await JsonlFile.open({ path, maxTotalBytes: 6 });
  expect(await file.append(line)).toEqual({ ok: false, reason: 'too-long', error: new RangeError(message) });
  await file.close(Deadline.after(10_000));
  expect(() => appendSync([line], { path, maxTotalBytes: 6 })).toThrow(new RangeError(message));
  expect(readFileSync(path, 'utf8')).toBe('11\n');
});

test('both refuse the same options in the same words', async () => {
  const path = join(await temporaryFolder(), 'x.jsonl');
  const error = new RangeError('rotateBytes: expected a number from 1 (got 0)');
  await expect(JsonlFile.open({ path, rotateBytes: 0 })).rejects.toThrow(error);
  expect(() => appendSync([], { path, rotateBytes: 0 })).toThrow(error);
});
