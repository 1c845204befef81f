import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { whenTestEnds } from '../../../support/when-test-ends.ts';

/** A server until the test ends. @returns its URL */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  whenTestEnds(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const address: AddressInfo = JSON.parse(JSON.stringify(server.address()));
  return `http://127.0.0.1:${address.port}`;
}
