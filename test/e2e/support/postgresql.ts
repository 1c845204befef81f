import pg from 'pg';
import { freePort } from '../../support/free-port.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startScript } from './start-script.ts';

/**
 * Starts a PostgreSQL server of its own, which is gone when the test ends, with a database and a user `postgres`.
 * @returns its port on 127.0.0.1
 */
export async function startPostgreSql(): Promise<number> {
  const [port, folder] = [await freePort(), await temporaryFolder()];
  await startScript('postgresql.sh', [String(port), folder], () => answers(port));
  return port;
}

async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
