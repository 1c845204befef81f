import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { assert, describe, expect, test } from 'vitest';
import { problemsOf, readImports, unexplained, withRooms } from '../../scripts/architecture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');
const script = join(root, 'scripts/architecture.ts');
const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
const imports = readImports(join(root, 'src'));

test('the drawing is that of the imports, and says of each room what it is for', () => {
  assert(
    withRooms(page, imports) === page,
    'ARCHITECTURE.md differs from the imports of src/. Run `node scripts/architecture.ts --write ARCHITECTURE.md`.',
  );
  expect(unexplained(page, imports)).toEqual([]);
});

test('imports run one way: there is no cycle of files or rooms, and nobody imports a door', () => {
  expect(problemsOf(imports)).toEqual([]);
});

test('every file and folder that the page names exists', () => {
  const missing = Array.from(page.matchAll(/`([\w./-]+(?:\.ts|\.md|\.json|\/))`/g), ([, path = '']) => path)
    .filter((path) => ![join(root, 'src', path), join(root, path)].some((candidate) => existsSync(candidate)))
    .map((path) => {
      const moved = [...imports.keys()].filter((file) => basename(file) === basename(path));
      return moved.length > 0 ? `${path} (moved to ${moved.join(', ')}?)` : path;
    });
  expect(missing).toEqual([]);
});

describe('the walks', () => {
  const walks = page
    .split(/^### /m)
    .slice(1)
    .map((section) => ({ title: section.split('\n', 1)[0], steps: section.match(/^\d+\. .*$/gm) ?? [] }));

  test('are four', () => {
    expect(walks.map(({ title }) => title)).toHaveLength(4);
  });

  test.each(walks)(
    '$title: each step begins with a file, and is one import away from what was named before',
    ({ steps }) => {
      expect(steps.length).toBeGreaterThan(5);
      expect(steps.filter((step) => !/^\d+\. `[\w./-]+\.ts`: /.test(step))).toEqual([]);
      const [first = [], ...others] = steps.map((step) =>
        Array.from(step.matchAll(/`([\w./-]+\.ts)`/g), ([, file = '']) => file),
      );
      const walked = new Set(first);
      for (const files of others) {
        // As often as there are files: one may be connected by another one of its step.
        for (const _ of files) {
          for (const file of files) if (neighbours(file).some((it) => walked.has(it))) walked.add(file);
        }
        expect.soft(files.filter((file) => !walked.has(file))).toEqual([]);
      }
    },
  );
});

/** What a file imports, and what imports it. */
function neighbours(file: string): readonly string[] {
  const importing = [...imports].filter(([, targets]) => targets.has(file)).map(([name]) => name);
  return [...(imports.get(file) ?? []), ...importing];
}

describe('the problems', () => {
  test.each([
    [
      'two rooms that import each other',
      { 'a/x.ts': ['b/y.ts'], 'b/y.ts': [], 'b/z.ts': ['a/x.ts'] },
      ['a cycle: a -> b -> a'],
    ],
    [
      'two files of a room that import each other',
      { 'a/x.ts': ['a/y.ts'], 'a/y.ts': ['a/x.ts'] },
      ['a cycle: a/x.ts -> a/y.ts -> a/x.ts'],
    ],
    [
      'two rooms in a room that import each other',
      { 'a/b/x.ts': ['a/c/x.ts'], 'a/c/x.ts': [], 'a/c/y.ts': ['a/b/x.ts'] },
      ['a cycle: a/b -> a/c -> a/b'],
    ],
    ['a door', { 'a/x.ts': ['door.ts'], 'door.ts': [] }, ['src/a imports the door src/door.ts']],
    [
      'nothing: a room in a room that takes a file of the outer one',
      { 'a/x.ts': ['a/b/y.ts'], 'a/y.ts': [], 'a/b/y.ts': ['a/y.ts'] },
      [],
    ],
  ])('%s', (_, files, problems) => {
    const graph = new Map(Object.entries(files).map(([file, targets]) => [file, new Set<string>(targets)]));
    expect(problemsOf(graph)).toEqual(problems);
  });
});

describe('the table', () => {
  const house = new Map([
    ['door.ts', new Set(['a/x.ts'])],
    ['a/x.ts', new Set(['b/x.ts'])],
    ['b/x.ts', new Set<string>()],
  ]);
  const empty = '# Title\n\n<!-- rooms:start -->\n<!-- rooms:end -->\n\nThe end.\n';
  const rowOf = (text: string, room: string) =>
    text
      .split('\n')
      .find((line) => line.includes(`\`${room}\``))
      ?.split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());

  test('has one row per room, from the doors down', () => {
    const text = withRooms(empty, house);
    expect(['door.ts', 'a/', 'b/'].map((room) => rowOf(text, room))).toEqual([
      ['doors', '`door.ts`', '', 'a'],
      ['1', '`a/`', '', 'b'],
      ['0', '`b/`', '', ''],
    ]);
    expect(unexplained(text, house)).toEqual(['a', 'b', 'door.ts']);
  });

  test('keeps what was written of a room, also where it has changed tiers', () => {
    const explained = withRooms(empty, house).replace(/(`b\/` +\| ) +/, '$1holds `b` ');
    const once = withRooms(
      explained,
      new Map([...house, ['b/y.ts', new Set(['c/x.ts'])], ['c/x.ts', new Set<string>()]]),
    );
    expect(rowOf(once, 'b/')).toEqual(['1', '`b/`', 'holds `b`', 'c']);
    expect(withRooms(withRooms(once, house), house)).toBe(withRooms(once, house));
  });

  test('refuses a house with a cycle', () => {
    const cyclic = new Map([...house, ['b/x.ts', new Set(['a/x.ts'])]]);
    expect(() => withRooms(empty, cyclic)).toThrow('a cycle: a/x.ts -> b/x.ts -> a/x.ts');
  });

  test('refuses a text without markers', () => {
    expect(() => withRooms('no markers', house)).toThrow('expected <!-- rooms:start --> and then <!-- rooms:end -->');
  });
});

describe('the command', () => {
  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  test('writes what it then finds up to date', async () => {
    const file = join(await temporaryFolder(), 'ARCHITECTURE.md');
    writeFileSync(file, page.replace('│     0   ', '│     7   '));
    expect(run('--check', file)).toEqual({
      status: 1,
      stdout: '',
      stderr: `${file} differs from the imports: run with --write\n`,
    });
    expect(run('--write', file)).toEqual({ status: 0, stdout: `${file}: the rooms are written\n`, stderr: '' });
    expect(readFileSync(file, 'utf8')).toBe(page);
    expect(run('--check', file)).toEqual({ status: 0, stdout: `${file}: the rooms are up to date\n`, stderr: '' });
  });

  test('asks what a room is for', async () => {
    const file = join(await temporaryFolder(), 'ARCHITECTURE.md');
    writeFileSync(file, page.replace(/^\| \d +\| `outbox\/`.*\n/m, ''));
    expect(run('--write', file)).toEqual({
      status: 1,
      stdout: `${file}: the rooms are written\n`,
      stderr: `${file}: say in its row what src/outbox is for\n`,
    });
  });

  test('refuses anything else', () => {
    expect(run('--wirte', 'ARCHITECTURE.md')).toMatchObject({ status: 2 });
  });
});
