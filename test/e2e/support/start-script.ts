import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../support/wait-for.ts';
import { whenTestEnds } from '../../support/when-test-ends.ts';

/** With the time that it takes to install a package, the first time. */
const START_MILLIS = 180_000;

/** Runs a script of this repository that is a server, and kills it when the test ends. */
export async function startScript(
  script: string,
  args: readonly string[],
  isReady: () => Promise<boolean>,
  boundMillis: number = START_MILLIS,
): Promise<void> {
  const path = fileURLToPath(new URL(`../../../scripts/${script}`, import.meta.url));
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = once(child, 'close');
  whenTestEnds(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await waitFor(isReady, `the server of ${script}`, {
    boundMillis,
    everyMillis: 50,
    describe: () => output,
  });
}
