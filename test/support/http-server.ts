import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { whenTestEnds } from './when-test-ends.ts';

/** Listens on 127.0.0.1 until the test ends. @returns the port */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  whenTestEnds(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return address.port;
}

/** A server until the test ends. @returns its URL, without a path */
export async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`;
}
