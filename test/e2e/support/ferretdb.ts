import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { waitFor } from '../../support/wait-for.ts';
import { whenTestEnds } from '../../support/when-test-ends.ts';
import { listens } from './listens.ts';

const SCRIPT = fileURLToPath(new URL('../../../scripts/ferretdb.sh', import.meta.url));
/** With the time that it takes to build it, the first time. */
export const FERRETDB_START_MILLIS = 900_000;

/** Starts a server of its own that speaks MongoDB's protocol; it is gone when the test ends. @returns its port on 127.0.0.1 */
export async function startFerretDb(): Promise<number> {
  const [folder, port] = [await temporaryFolder(), await freePort()];
  const child = spawn(SCRIPT, [folder, String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = once(child, 'close');
  whenTestEnds(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await waitFor(() => listens(port), 'FerretDB', {
    boundMillis: FERRETDB_START_MILLIS,
    everyMillis: 50,
    describe: () => output,
  });
  return port;
}
