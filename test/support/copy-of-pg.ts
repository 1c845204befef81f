import { appendFile, cp, mkdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { temporaryFolder } from './temporary-folder.ts';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const DEPENDENCIES = ['pg-connection-string', 'pg-protocol', 'pg-types', 'pgpass'];

export interface CopyOfPg {
  /** A folder whose programs find the copy as `pg`. */
  readonly folder: string;
  readonly load: () => typeof pg;
}

/**
 * A second copy of pg and its pool, as npm makes one for a dependency that needs another version.
 *
 * @param code that is added to the module of its `Client`
 */
export async function copyOfPg(code = ''): Promise<CopyOfPg> {
  const folder = await temporaryFolder();
  const target = join(folder, 'node_modules');
  await mkdir(target);
  for (const name of ['pg', 'pg-pool']) {
    await cp(join(modules, name), join(target, name), { recursive: true });
  }
  await Promise.all(DEPENDENCIES.map((name) => symlink(join(modules, name), join(target, name))));
  await appendFile(join(target, 'pg/lib/client.js'), `\n${code}\n`);
  return { folder, load: (): typeof pg => createRequire(join(folder, 'program.js'))('pg') };
}
