// Writes the table of the libraries that are recorded by their channels between the markers of a document:
// node scripts/libraries-table.ts --write docs/instrumentation.md
import { readFileSync, writeFileSync } from 'node:fs';
import { LIBRARIES } from '../src/instrumentation/channels/libraries.ts';
import { FRAMEWORKS } from '../src/instrumentation/routes/frameworks.ts';
import { withBetweenMarkers } from './between-markers.ts';
import { markdownTable } from './markdown-table.ts';

const HEADER = ['Name', 'Library', 'Versions', 'Channels', 'Duration'];

/** The text with the table between its markers. @throws Error if the text has no markers */
export function withLibrariesTable(text: string): string {
  return withBetweenMarkers(text, 'libraries', () =>
    markdownTable(HEADER, [
      ...FRAMEWORKS.map(({ name, packageName, versions, channels }) =>
        row({ name, packageName, versions, channels, duration: 'http.server.request.duration' }),
      ),
      ...LIBRARIES.map(({ name, packageName, versions, channels, observation, duration }) => {
        const names = [...channels.map(({ channel }) => channel), ...(observation?.channels ?? [])];
        return row({ name, packageName, versions, channels: [...new Set(names)], duration: duration?.name });
      }),
    ]),
  );
}

interface Row {
  readonly name: string;
  readonly packageName: string;
  readonly versions: string;
  readonly channels: readonly string[];
  readonly duration: string | undefined;
}

function row({ name, packageName, versions, channels, duration }: Row): string[] {
  return [code(name), code(packageName), code(versions), channels.map(code).join(', '), code(duration)];
}

function code(text: string | undefined): string {
  return text === undefined ? '' : `\`${text}\``;
}

function main(): void {
  const [option, file, ...rest] = process.argv.slice(2);
  if (option !== '--write' || file === undefined || rest.length > 0) {
    console.error('Usage: node scripts/libraries-table.ts --write FILE');
    process.exitCode = 2;
    return;
  }
  const before = readFileSync(file, 'utf8');
  const after = withLibrariesTable(before);
  if (after !== before) writeFileSync(file, after);
  console.log(`${file}: table of libraries ${after === before ? 'is up to date' : 'written'}`);
}

if (process.argv[1] === import.meta.filename) main();
