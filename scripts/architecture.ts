// Prints the rooms of src/, made from their imports; writes them between the markers of a document; or says what is wrong:
// node scripts/architecture.ts [--write ARCHITECTURE.md | --check ARCHITECTURE.md]
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { withBetweenMarkers } from './between-markers.ts';
import { markdownTable } from './markdown-table.ts';

/** Every room may import them, and so they are not listed with each. */
export const FOR_ALL: ReadonlySet<string> = new Set(['clock', 'text', 'values']);

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The files of `src/` by their path in it, each with those it imports. */
export function readImports(src: string): Graph {
  const files = globSync('**/*.ts', { cwd: src }).toSorted();
  return new Map(files.map((file) => [file, new Set(importsOf(file, readFileSync(join(src, file), 'utf8'), files))]));
}

/**
 * Every string that is the relative path of a TypeScript file counts (`import`, `import type`, `import()`, `typeof import()`):
 * so none can be overlooked, whatever it looks like.
 */
function importsOf(file: string, text: string, files: readonly string[]): string[] {
  return Array.from(text.matchAll(/(['"`])(\.{1,2}\/[^'"`\n]+\.ts)\1/g), ([, , specifier = '']) => {
    const target = posix.join(dirname(file), specifier);
    if (!files.includes(target)) throw new Error(`src/${file}: ${specifier} is not in src/`);
    return target;
  });
}

/** A door is a file at the top of `src/` and its own room; a folder is a room, and so is a folder in it. */
export function roomOf(file: string): string {
  return file.includes('/') ? dirname(file) : file;
}

export function isDoor(room: string): boolean {
  return room.endsWith('.ts');
}

/** Room by room, the rooms that its files import. */
function roomsOf(imports: Graph): Graph {
  return grouped(imports, roomOf);
}

/** What must not be: cycles, of files and of rooms, and a room that imports a door. */
export function problemsOf(imports: Graph): string[] {
  const rooms = roomsOf(imports);
  // A room in a room may take single files of the outer one, which imports it: among files that is no cycle.
  const inner = new Map(Array.from(rooms, ([room, others]) => [room, without(others, (other) => isIn(room, other))]));
  const cycles = [imports, grouped(imports, outerRoomOf), inner].map(findCycle).filter((cycle) => cycle !== undefined);
  return [
    ...new Set(cycles.map((cycle) => `a cycle: ${cycle.join(' -> ')}`)),
    ...Array.from(rooms)
      .filter(([room]) => !isDoor(room))
      .flatMap(([room, others]) =>
        [...others].filter(isDoor).map((door) => `src/${room} imports the door src/${door}`),
      ),
  ];
}

/**
 * The text with the drawing and the table of the rooms between its markers; what a room is for is taken from the table that
 * stands there. Throws if the text has no markers, or if something is as it must not be: without tiers there is no drawing.
 */
export function withRooms(text: string, imports: Graph): string {
  return withBetweenMarkers(text, 'rooms', (present) => {
    const problems = problemsOf(imports);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return describeRooms(imports, purposesIn(present));
  });
}

/** Rooms that the table of a text does not say a word about. */
export function unexplained(text: string, imports: Graph): string[] {
  const purposes = purposesIn(text);
  return [...roomsOf(imports).keys()].filter((room) => (purposes.get(room) ?? '') === '');
}

function purposesIn(text: string): ReadonlyMap<string, string> {
  const rows = text.matchAll(/^\| \w* +\| `([^`]+?)\/?` +\| (.*?) +\|/gm);
  return new Map(Array.from(rows, ([, room = '', purpose = '']) => [room, purpose.trim()]));
}

function describeRooms(imports: Graph, purposes: ReadonlyMap<string, string>): string {
  const rooms = roomsOf(imports);
  const tiers = tiersOf(grouped(imports, outerRoomOf));
  const innerOf = (outer: string): string[] => [...rooms.keys()].filter((room) => isIn(room, outer));
  const withInner = (room: string): string => {
    const inner = innerOf(room).map((name) => name.slice(room.length + 1));
    return inner.length === 0 ? room : `${room} (${inner.join(', ')})`;
  };
  const lines = [...tiers].map(([tier, outer]) => `${tier.padStart(6)}   ${outer.map(withInner).join('   ')}`);
  const body = [...tiers].flatMap(([tier, outer]) =>
    outer.flatMap((room) =>
      [room, ...innerOf(room)].map((name) => [
        name === room ? tier : '',
        isDoor(name) ? `\`${name}\`` : `\`${name}/\``,
        purposes.get(name) ?? '',
        shownImports(name, imports, rooms),
      ]),
    ),
  );
  return `\`\`\`text\n${box(lines)}\n\`\`\`\n\n${markdownTable(['Tier', 'Room', 'What it is for', 'Imports'], body)}`;
}

function shownImports(room: string, imports: Graph, rooms: Graph): string {
  const others = [...(rooms.get(room) ?? [])].filter((other) => !FOR_ALL.has(other));
  const shown = others.toSorted().flatMap((other) => {
    // What is in a room takes single files of it.
    if (!isIn(room, other) || rooms.get(other)?.has(room) !== true) return [other];
    const files = [...imports].filter(([file]) => roomOf(file) === room).flatMap(([, targets]) => [...targets]);
    return [...new Set(files.filter((file) => roomOf(file) === other))];
  });
  return shown.join(', ');
}

function box(lines: readonly string[]): string {
  const width = Math.max(...lines.map(({ length }) => length)) + 1;
  const edge = '─'.repeat(width);
  return [`┌${edge}┐`, ...lines.map((line) => `│${line.padEnd(width)}│`), `└${edge}┘`].join('\n');
}

/** From the doors down: a room stands one tier above the highest of those that it imports. */
function tiersOf(rooms: Graph): ReadonlyMap<string, readonly string[]> {
  const heights = new Map<string, number>();
  const heightOf = (room: string): number => {
    const known = heights.get(room);
    if (known !== undefined) return known;
    const height = Math.max(-1, ...Array.from(rooms.get(room) ?? [], heightOf)) + 1;
    heights.set(room, height);
    return height;
  };
  const names = [...rooms.keys()];
  const inside = names.filter((room) => !isDoor(room)).toSorted((a, b) => heightOf(b) - heightOf(a));
  return new Map([['doors', names.filter(isDoor)], ...Map.groupBy(inside, (room) => String(heightOf(room)))]);
}

function outerRoomOf(file: string): string {
  return file.split('/', 1)[0] ?? file;
}

function isIn(room: string, outer: string): boolean {
  return room.startsWith(`${outer}/`);
}

function grouped(imports: Graph, nameOf: (file: string) => string): Graph {
  const groups = new Map<string, Set<string>>();
  for (const [file, targets] of imports) {
    const name = nameOf(file);
    const group = groups.get(name) ?? new Set();
    for (const target of targets) if (nameOf(target) !== name) group.add(nameOf(target));
    groups.set(name, group);
  }
  return new Map([...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function without(names: ReadonlySet<string>, isOut: (name: string) => boolean): ReadonlySet<string> {
  return new Set([...names].filter((name) => !isOut(name)));
}

function findCycle(graph: Graph): readonly string[] | undefined {
  const done = new Set<string>();
  const search = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of graph.get(name) ?? []) {
      const cycle = search(next, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of graph.keys()) {
    const cycle = search(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function main(): void {
  const [option, file, ...rest] = process.argv.slice(2);
  const isKnown = option === undefined || ((option === '--write' || option === '--check') && file !== undefined);
  if (!isKnown || rest.length > 0) {
    console.error('Usage: node scripts/architecture.ts [--write FILE | --check FILE]');
    process.exitCode = 2;
    return;
  }
  const imports = readImports(join(import.meta.dirname, '../src'));
  const problems = problemsOf(imports);
  if (problems.length === 0) {
    if (file === undefined) {
      console.log(describeRooms(imports, new Map()));
      return;
    }
    const before = readFileSync(file, 'utf8');
    const after = withRooms(before, imports);
    const isCurrent = after === before;
    if (option === '--write' && !isCurrent) writeFileSync(file, after);
    if (option === '--check' && !isCurrent) problems.push(`${file} differs from the imports: run with --write`);
    else console.log(`${file}: the rooms are ${isCurrent ? 'up to date' : 'written'}`);
    problems.push(...unexplained(after, imports).map((room) => `${file}: say in its row what src/${room} is for`));
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) main();
