import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CloseIdleConnections } from '../../../src/shutdown/close-idle-connections.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

const GET = 'GET / HTTP/1.1\r\nHost: swansong\r\n\r\n';
const GRACE = 1000;

/** The clock of `sweep()`. */
function useClock() {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  return (millis: number) => void (now += millis);
}

async function connected(server: NetServer): Promise<{ accepted: Socket; client: Socket }> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
  }
  const accepting = once(server, 'connection') as Promise<[Socket]>;
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void client.destroy());
  const [accepted] = await accepting;
  return { accepted, client };
}

/** A connection that is kept alive after a request. */
async function used(server: Server): Promise<{ accepted: Socket; client: Socket }> {
  const connection = await connected(server);
  connection.client.write(GET);
  await once(connection.client, 'data');
  return connection;
}

describe('CloseIdleConnections', () => {
  it('closes what was quiet for the whole grace, used or not', async () => {
    const pass = useClock();
    const server = createServer((_request, response) => response.end());
    const idle = await used(server);
    const unused = await connected(server);
    const sweeper = new CloseIdleConnections(server, GRACE);
    sweeper.sweep();
    pass(GRACE - 1);
    sweeper.sweep();
    expect([idle.accepted.destroyed, unused.accepted.destroyed]).toEqual([false, false]);
    pass(1);
    sweeper.sweep();
    expect([idle.accepted.destroyed, unused.accepted.destroyed]).toEqual([true, true]);
  });

  it('a request begins the grace anew', async () => {
    const pass = useClock();
    const server = createServer((_request, response) => response.end());
    const { accepted, client } = await used(server);
    const sweeper = new CloseIdleConnections(server, GRACE);
    sweeper.sweep();
    pass(GRACE);
    client.write(GET);
    await once(client, 'data');
    sweeper.sweep();
    pass(GRACE - 1);
    sweeper.sweep();
    expect(accepted.destroyed).toBe(false);
    pass(1);
    sweeper.sweep();
    expect(accepted.destroyed).toBe(true);
  });

  it('leaves a request that is being answered, and one of which a part has come', async () => {
    const pass = useClock();
    const server = createServer(() => {});
    const answering = await connected(server);
    answering.client.write(GET);
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    const partial = await connected(server);
    partial.client.write('GET /slow');
    while (partial.accepted.bytesRead === 0) await turn();
    const sweeper = new CloseIdleConnections(server, GRACE);
    for (let sweep = 0; sweep < 3; sweep += 1) {
      sweeper.sweep();
      pass(GRACE);
    }
    expect([answering.accepted.destroyed, partial.accepted.destroyed]).toEqual([false, false]);
    response.end();
    partial.client.destroy();
  });

  it('leaves the connections of a server whose protocol it does not know', async () => {
    const pass = useClock();
    // Under TLS, where a silent connection to an HTTP server would be closed.
    const server = createTlsServer();
    const { accepted } = await connected(server);
    const sweeper = new CloseIdleConnections(server, GRACE);
    sweeper.sweep();
    pass(GRACE);
    sweeper.sweep();
    expect(accepted.destroyed).toBe(false);
  });
});
