import { findPackageJSON } from 'node:module';
import { readManifest } from './application-package.ts';
import { applicationFile } from './application-require.ts';

/**
 * The version of a package that the application finds in `node_modules`, without loading it; undefined if it is not installed,
 * for example because a bundler has included it in the program. `findPackageJSON` takes a fifth of the time of `require.resolve`,
 * and does not need `package.json` among the package's exports.
 */
export function findInstalledVersion(packageName: string, from: string = applicationFile()): string | undefined {
  try {
    const path = findPackageJSON(packageName, from);
    return path === undefined ? undefined : readManifest(path)?.version;
  } catch {
    return undefined;
  }
}
