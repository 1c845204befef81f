import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { isObject } from '../values/is-object.ts';

export interface ApplicationPackage {
  /** The folder from which its packages are resolved; undefined without a program (`node -e`). */
  readonly folder: string | undefined;
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/**
 * The package of the application: the nearest package.json with a name, from the program's folder upwards. An installed program
 * (Next.js, Vitest, ts-node, a pool of workers) runs the application in the folder that contains its `node_modules`, or in the
 * working directory if that is within that folder (a workspace) or if the program is installed globally.
 */
export function findApplicationPackage(program: string | undefined): ApplicationPackage {
  const folders = program === undefined || program === '' ? [] : applicationFolders(program);
  for (const folder of folders) {
    const manifest = findManifest(folder);
    if (manifest !== undefined) return { folder, ...manifest };
  }
  return { folder: folders.at(-1), name: undefined, version: undefined };
}

/** Paths of installed programs: in `node_modules`, or in Debian's own folders. */
const INSTALLED = /^(?<host>.*?)[\\/]node_modules[\\/]|^\/usr\/(?:share|lib)\/nodejs\//s;

/** Folders to search, the most likely first; the last one is the program's own. */
function applicationFolders(program: string): readonly [string, ...string[]] {
  const path = realPath(resolve(program));
  // A folder for `node .`. A path that does not exist is a file without its extension (`node server` for server.js).
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
  const manifest = readPackageJson(path);
  if (manifest === undefined || !('name' in manifest)) return undefined;
  const { name } = manifest;
  if (typeof name !== 'string' || name === '') return undefined;
  const version = 'version' in manifest && typeof manifest.version === 'string' ? manifest.version : undefined;
  return { name, version };
}

/** By their paths: several ask for that of the application while the process starts. */
const packageJsons = new Map<string, object | undefined>();

/** Undefined if there is none, or none that can be read. */
export function readPackageJson(path: string): object | undefined {
  if (packageJsons.has(path)) return packageJsons.get(path);
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    manifest = undefined;
  }
  const found = isObject(manifest) ? manifest : undefined;
  packageJsons.set(path, found);
  return found;
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

/** Undefined if it has been removed. */
function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
