import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2, createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { CloseIdleConnections } from '../../../src/shutdown/close-idle-connections.ts';
import { serverCertificate } from '../../support/certificates.ts';
import { waitFor } from '../../support/wait-for.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

const GRACE = 1000;

/** The clock of `sweep()`. */
function useClock() {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  return (millis: number) => void (now += millis);
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it('closes a TCP connection to a TLS server on which no handshake has begun, and none on which it has', async () => {
  const pass = useClock();
  const server = createHttpsServer({
    key: readFileSync(serverCertificate.key),
    cert: readFileSync(serverCertificate.cert),
  });
  const port = await listening(server);
  const open = async (bytes: string): Promise<Socket> => {
    const accepting = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(port, '127.0.0.1').on('error', () => {});
    onTestFinished(() => void client.destroy());
    const [accepted] = await accepting;
    onTestFinished(() => void accepted.destroy());
    if (bytes !== '') {
      client.write(bytes, 'latin1');
      await waitFor(() => accepted.bytesRead > 0, 'the bytes');
    }
    return accepted;
  };
  const silent = await open('');
  const shaking = await open('\x16\x03\x01');
  const sweeper = new CloseIdleConnections(server, GRACE);
  sweeper.sweep();
  pass(GRACE - 1);
  sweeper.sweep();
  expect([silent.destroyed, shaking.destroyed]).toEqual([false, false]);
  pass(1);
  sweeper.sweep();
  expect([silent.destroyed, shaking.destroyed]).toEqual([true, false]);
});

it('closes an HTTP/2 session that has served at once, and one that has not after the grace', async () => {
  const pass = useClock();
  const server = createHttp2Server((_request, response) => response.end());
  const port = await listening(server);
  const open = async (): Promise<{ session: ServerHttp2Session; ask: () => Promise<void> }> => {
    const opened = once(server, 'session') as Promise<[ServerHttp2Session]>;
    const client = connectHttp2(`http://127.0.0.1:${port}`).on('error', () => {});
    onTestFinished(() => client.destroy());
    const [session] = await opened;
    onTestFinished(() => session.destroy());
    const ask = async (): Promise<void> => {
      const stream = client.request({ ':path': '/' });
      stream.resume();
      await once(stream, 'close');
    };
    return { session, ask };
  };
  const [unused, used] = [await open(), await open()];
  await used.ask();
  const closings = [unused, used].map(({ session }) => vi.spyOn(session, 'close'));
  const closed = (): readonly number[] => closings.map(({ mock }) => mock.calls.length);
  const sweeper = new CloseIdleConnections(server, GRACE);
  sweeper.sweep();
  expect(closed()).toEqual([0, 1]);
  pass(GRACE - 1);
  sweeper.sweep();
  expect(closed()).toEqual([0, 1]);
  pass(1);
  sweeper.sweep();
  sweeper.sweep();
  expect(closed()).toEqual([1, 1]);
});
