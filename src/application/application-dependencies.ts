import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { read } from '../values/read.ts';
import { applicationFile } from './application-require.ts';

/** Whether the application's own package.json says that it uses a package. False for what others bring along, and in a bundle. */
export function dependsOn(packageName: string, from: string = applicationFile()): boolean {
  try {
    const path = findPackageJSON('.', from);
    const manifest: unknown = path === undefined ? undefined : JSON.parse(readFileSync(path, 'utf8'));
    return ['dependencies', 'optionalDependencies'].some(
      (kind) => read(read(manifest, kind), packageName) !== undefined,
    );
  } catch {
    return false;
  }
}
