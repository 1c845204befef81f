import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems hand out by themselves (from 32768 on): nobody takes one between this look and its use. */
const FIRST = 20_000;
const LAST = 32_000;

// Runs side by side do not look at the same ports.
let next = FIRST + ((process.pid * 40) % (LAST - FIRST));

/** A port on 127.0.0.1 that nobody listens on, for a program that cannot tell which one it was given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next;
    next = next === LAST ? FIRST : next + 1;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
