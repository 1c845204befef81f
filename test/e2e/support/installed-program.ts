import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Path of a program that the machine must have.
 * @throws an `Error` that says how to install it: a test that needs it fails, it is not skipped
 */
export function installedProgram(name: string, howToInstall: string): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next one.
    }
  }
  throw new Error(`${name}: expected it on PATH. Install it: ${howToInstall}`);
}
