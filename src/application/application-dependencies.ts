import { findPackageJSON } from 'node:module';
import { read } from '../values/read.ts';
import { readPackageJson } from './application-package.ts';
import { applicationFile } from './application-require.ts';

/** Whether the application's own package.json says that it uses a package. False for what others bring along, and in a bundle. */
export function dependsOn(packageName: string, from: string = applicationFile()): boolean {
  const manifest = findManifest(from);
  return ['dependencies', 'optionalDependencies'].some((kind) => read(read(manifest, kind), packageName) !== undefined);
}

function findManifest(from: string): object | undefined {
  try {
    const path = findPackageJSON('.', from);
    return path === undefined ? undefined : readPackageJson(path);
  } catch {
    return undefined;
  }
}
