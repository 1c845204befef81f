import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

export interface ApplicationPackage {
  /** Where its packages are found from; undefined without a program (`node -e`). */
  readonly folder: string | undefined;
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/**
 * The package of the application: the nearest package.json with a name, from the program's folder upwards. A program that was
 * installed (Next.js, Vitest, ts-node, a pool of workers) runs the application of the folder beside whose `node_modules` it
 * is, or of the working directory where that is further within (a workspace) or where it was installed for all.
 */
export function findApplicationPackage(program: string | undefined): ApplicationPackage {
  const folders = program === undefined || program === '' ? [] : applicationFolders(program);
  for (const folder of folders) {
    const manifest = findManifest(folder);
    if (manifest !== undefined) return { folder, ...manifest };
  }
  return { folder: folders.at(-1), name: undefined, version: undefined };
}

/** Where programs are that came with a package; Debian has its own place for them. */
const INSTALLED = /^(?<host>.*?)[\\/]node_modules[\\/]|^\/usr\/(?:share|lib)\/nodejs\//s;

/** Folders to look in, the likeliest first; the last one is that of the program. */
function applicationFolders(program: string): readonly [string, ...string[]] {
  const path = realPath(resolve(program));
  // `node .`, and `node server` for server.js: what is no folder, or not there, is a file.
  const own = isFolder(path) ? path : dirname(path);
  const installed = INSTALLED.exec(path);
  if (installed === null) return [own];
  const working = workingFolder();
  const host = installed.groups?.['host'];
  const isProject = host !== undefined && readManifest(join(host, 'package.json')) !== undefined;
  if (!isProject) return [working ?? own, own];
  return working === host || working?.startsWith(`${host}${sep}`) === true ? [working, host, own] : [host, own];
}

interface Manifest {
  readonly name: string;
  readonly version: string | undefined;
}

function findManifest(folder: string): Manifest | undefined {
  for (let directory = folder; ;) {
    const manifest = readManifest(join(directory, 'package.json'));
    const parent = dirname(directory);
    if (manifest !== undefined || parent === directory) return manifest;
    directory = parent;
  }
}

/** Undefined for a package.json without a name (`{"type":"module"}`): the search continues in the parent folder. */
export function readManifest(path: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof manifest !== 'object' || manifest === null || !('name' in manifest)) return undefined;
    const { name } = manifest;
    if (typeof name !== 'string' || name === '') return undefined;
    const version = 'version' in manifest && typeof manifest.version === 'string' ? manifest.version : undefined;
    return { name, version };
  } catch {
    return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Undefined where it has been removed. */
function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
