import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, it } from 'vitest';
import { FOR_ALL, isDoor, readImports, roomOf } from '../../scripts/architecture.ts';
import { lint } from '../support/lint.ts';

const root = join(import.meta.dirname, '../..');
const imports = readImports(join(root, 'src'));
const files = [...imports.keys()];
const rooms = [...new Set(files.map(roomOf))].filter((room) => !isDoor(room)).toSorted();

it('each room has a rule of its own, and each rule a room', () => {
  expect(ruledRooms().toSorted()).toEqual(rooms);
});

it('a room may import what it does import: a permission that nobody uses is taken back', async () => {
  const mayImport: Record<string, readonly string[]> = {};
  const doesImport: Record<string, readonly string[]> = {};
  for (const [room, allowed] of await allowedByOxlint()) {
    const isWhole = (other: string) => files.every((file) => roomOf(file) !== other || allowed.has(file));
    mayImport[room] = named(allowed, isWhole);
    doesImport[room] = named(importedBy(room), isWhole);
  }
  expect(mayImport).toEqual(doesImport);
});

/** What oxlint itself says of every file of the house, imported from every other room. */
async function allowedByOxlint(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const others = new Map(rooms.map((room) => [room, files.filter((file) => roomOf(file) !== room)]));
  const planted = Array.from(others, ([room, targets]): [string, string] => [
    plantedIn(room),
    targets.map((target) => `import '${specifierOf(room, target)}';\n`).join(''),
  ]);
  const { output } = await lint(new Map(planted), ['--format', 'json']);
  const { diagnostics }: { diagnostics: readonly Diagnostic[] } = JSON.parse(output);
  const refused = new Set(
    diagnostics
      .filter(({ code }) => code === 'eslint(no-restricted-imports)')
      .flatMap(({ filename, labels }) => labels.map(({ span }) => `${filename}:${span.line}`)),
  );
  return new Map(
    Array.from(others, ([room, targets]) => [
      room,
      new Set(targets.filter((_, index) => !refused.has(`${plantedIn(room)}:${index + 1}`))),
    ]),
  );
}

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

function plantedIn(room: string): string {
  return `src/${room}/planted.ts`;
}

function specifierOf(room: string, target: string): string {
  const path = posix.relative(room, target);
  return path.startsWith('.') ? path : `./${path}`;
}

function importedBy(room: string): ReadonlySet<string> {
  const targets = files.filter((file) => roomOf(file) === room).flatMap((file) => [...(imports.get(file) ?? [])]);
  return new Set(targets.filter((target) => roomOf(target) !== room));
}

/** By the names of their rooms where the whole room is allowed, else one by one. */
function named(targets: ReadonlySet<string>, isWhole: (room: string) => boolean): readonly string[] {
  const names = Array.from(targets, (file) => (isWhole(roomOf(file)) ? roomOf(file) : file));
  return [...new Set(names)].filter((name) => !FOR_ALL.has(name)).toSorted();
}

interface Override {
  readonly files: readonly string[];
  readonly rules: Readonly<Record<string, unknown>>;
}

/** A rule of a room is for `src/<room>/**`. */
function ruledRooms(): readonly string[] {
  const { overrides }: { overrides: readonly Override[] } = JSON.parse(
    readFileSync(join(root, '.oxlintrc.json'), 'utf8'),
  );
  return overrides
    .filter(({ rules }) => 'no-restricted-imports' in rules)
    .flatMap((override) => override.files.map((glob) => glob.replace(/^src\/(.*)\/\*\*$/, '$1')));
}
