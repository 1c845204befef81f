import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';
import { waitFor } from '../../support/wait-for.ts';
import { whenTestEnds } from '../../support/when-test-ends.ts';
import { listens } from './listens.ts';

const SCRIPT = fileURLToPath(new URL('../../../scripts/redis.sh', import.meta.url));
/** With the time that it takes to install it, the first time. */
const START_MILLIS = 120_000;

/** Starts a Redis server of its own, which is gone when the test ends. @returns its port on 127.0.0.1 */
export async function startRedis(options: readonly string[] = []): Promise<number> {
  const port = await freePort();
  const child = spawn(SCRIPT, [String(port), ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = once(child, 'close');
  whenTestEnds(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await waitFor(() => listens(port), 'the Redis server', {
    boundMillis: START_MILLIS,
    everyMillis: 50,
    describe: () => output,
  });
  return port;
}
