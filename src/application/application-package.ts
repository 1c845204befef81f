import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { applicationFile } from './application-require.ts';

export interface ApplicationPackage {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** The nearest package.json with a name, from the program's folder upwards; empty if there is none or no program (`node -e`). */
export function findApplicationPackage(program: string | undefined): ApplicationPackage {
  if (program === undefined || program === '') return { name: undefined, version: undefined };
  let directory = dirname(resolve(program));
  for (;;) {
    const manifest = readManifest(join(directory, 'package.json'));
    if (manifest !== undefined) return manifest;
    const parent = dirname(directory);
    if (parent === directory) return { name: undefined, version: undefined };
    directory = parent;
  }
}

/**
 * The version of a package that the application finds in `node_modules`, without loading it; nothing where there is none, as
 * where a bundler has put the package into the program. `findPackageJSON` costs a fifth of what `require.resolve` does, and
 * needs no `package.json` among the package's exports.
 */
export function findInstalledVersion(packageName: string, from: string = applicationFile()): string | undefined {
  try {
    const path = findPackageJSON(packageName, from);
    return path === undefined ? undefined : readManifest(path)?.version;
  } catch {
    return undefined;
  }
}

/** Undefined for a package.json without a name (`{"type":"module"}`): the search continues in the parent folder. */
function readManifest(path: string): ApplicationPackage | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof manifest !== 'object' || manifest === null) return undefined;
    const name =
      'name' in manifest && typeof manifest.name === 'string' && manifest.name !== '' ? manifest.name : undefined;
    const version = 'version' in manifest && typeof manifest.version === 'string' ? manifest.version : undefined;
    return name === undefined ? undefined : { name, version };
  } catch {
    return undefined;
  }
}
