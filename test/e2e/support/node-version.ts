import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('../../../scripts/node.sh', import.meta.url));

/** The binary of a version of Node, which is installed if it is not there yet. @param version exact, or a major one for its newest release */
export async function nodeOf(version: string): Promise<string> {
  const { stdout } = await promisify(execFile)(SCRIPT, [version]);
  return stdout.trimEnd();
}
