import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectFolder } from '../harness/paths.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const TRACER = "trace.getTracer('app')";

/** A folder with the programs as an application of one distribution, with the API package of that distribution. */
export interface Application {
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * Copies the programs of the process tests, and those of this bench, into a new folder. Packages are links: what a program
 * imports is one and the same module for the distribution. `packages` says where each one is.
 */
export async function makeApplication(packages: Readonly<Record<string, string>>): Promise<Application> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-endings-'));
  await cp(join(projectFolder, 'test/fixtures/endings'), folder, { recursive: true });
  await cp(here('programs'), folder, { recursive: true });
  await cp(here('application'), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'application', private: true }));
  await markNames(join(folder, 'tracing.mjs'), "import { markNames } from './mark-names.cjs';");
  await markNames(join(folder, 'tracing.cjs'), "var { markNames } = require('./mark-names.cjs');");
  await writePackage(join(folder, 'node_modules/swansong'), await readFile(here('application/shutdown.mjs')));
  for (const [name, target] of Object.entries({ pino: join(projectFolder, 'node_modules/pino'), ...packages })) {
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(target, link);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Inserted before the first line without a line break, so that no line number changes. */
async function markNames(file: string, importing: string): Promise<void> {
  const source = await readFile(file, 'utf8');
  if (!source.includes(TRACER)) throw new Error(`${file}: expected ${TRACER} in it`);
  await writeFile(file, `${importing} ${source.replace(TRACER, `markNames(${TRACER})`)}`);
}

async function writePackage(folder: string, source: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'swansong', exports: './index.mjs' }));
  await writeFile(join(folder, 'index.mjs'), source);
}
