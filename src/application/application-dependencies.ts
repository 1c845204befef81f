import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { read } from '../values/read.ts';
import { readPackageJson } from './application-package.ts';
import { applicationFile } from './application-require.ts';

/** Whether the application's own package.json says that it uses a package. False for what others bring along, and in a bundle. */
export function dependsOn(packageName: string, from: string = applicationFile()): boolean {
  const manifest = nearestPackageJson(dirname(from));
  return ['dependencies', 'optionalDependencies'].some((kind) => read(read(manifest, kind), packageName) !== undefined);
}

/** As `findPackageJSON('.', ...)` of `node:module`, but a file that has been read already is not read again. */
function nearestPackageJson(folder: string): object | undefined {
  for (let directory = folder; ;) {
    const path = join(directory, 'package.json');
    if (existsSync(path)) return readPackageJson(path);
    const parent = dirname(directory);
    if (parent === directory) return undefined;
    directory = parent;
  }
}
