import { freePort } from '../../support/free-port.ts';
import { listens } from './listens.ts';
import { startScript } from './start-script.ts';

/** Starts a Redis server of its own, which is gone when the test ends. @returns its port on 127.0.0.1 */
export async function startRedis(options: readonly string[] = []): Promise<number> {
  const port = await freePort();
  await startScript('redis.sh', [String(port), ...options], () => listens(port));
  return port;
}
