import { closeSync, constants, existsSync, openSync, realpathSync } from 'node:fs';
import { errorCode } from '../values/thrown.ts';

/** Linux: `chdir()` to a link in it leads into a folder that has no path any more. */
const DESCRIPTORS = '/proc/self/fd';

/**
 * Node starts no worker while the working directory is a deleted folder (a deploy has replaced it): the worker reads its path
 * before it runs anything. So the process leaves it for as long as a worker starts.
 * @returns what goes back; undefined where there is nothing to leave, or no way back (not Linux; a worker thread has no `chdir()`)
 */
export function leaveDeletedFolder(): (() => void) | undefined {
  if (!isDeleted() || !existsSync(DESCRIPTORS)) return undefined;
  try {
    const folder = openSync('.', constants.O_RDONLY);
    try {
      process.chdir('/');
    } catch (error) {
      closeSync(folder);
      throw error;
    }
    return () => {
      process.chdir(`${DESCRIPTORS}/${folder}`);
      closeSync(folder);
    };
  } catch {
    return undefined;
  }
}

/** Not by `process.cwd()`, which remembers its last answer. */
function isDeleted(): boolean {
  try {
    realpathSync.native('.');
    return false;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}
