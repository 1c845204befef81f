import { freePort } from '../../support/free-port.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { listens } from './listens.ts';
import { startScript } from './start-script.ts';

/** With the time that it takes to build it, the first time. */
export const FERRETDB_START_MILLIS = 900_000;

/** Starts a server of its own that speaks MongoDB's protocol; it is gone when the test ends. @returns its port on 127.0.0.1 */
export async function startFerretDb(): Promise<number> {
  const [folder, port] = [await temporaryFolder(), await freePort()];
  await startScript('ferretdb.sh', [folder, String(port)], () => listens(port), FERRETDB_START_MILLIS);
  return port;
}
