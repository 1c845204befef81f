import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('../../../scripts/next.sh', import.meta.url));

/** Builds the application of `test/fixtures/next`, once. @returns its folder */
export async function buildNext(): Promise<string> {
  const { stdout } = await promisify(execFile)(SCRIPT);
  return stdout.trimEnd();
}
