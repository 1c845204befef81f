import { createConnection } from 'mysql2/promise';
import { freePort } from '../../support/free-port.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startScript } from './start-script.ts';

/**
 * Starts a MariaDB server of its own, which is gone when the test ends, with a database `shop` and a user `root` without a password.
 * @returns its port on 127.0.0.1
 */
export async function startMariaDb(): Promise<number> {
  const [port, folder] = [await freePort(), await temporaryFolder()];
  await startScript('mariadb.sh', [String(port), folder], () => answers(port));
  return port;
}

async function answers(port: number): Promise<boolean> {
  try {
    const connection = await createConnection({ host: '127.0.0.1', port, user: 'root', database: 'shop' });
    await connection.end();
    return true;
  } catch {
    return false;
  }
}
