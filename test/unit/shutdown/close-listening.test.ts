import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer, type ServerHttp2Session } from 'node:http2';
import { expect, it, onTestFinished } from 'vitest';
import { closeListening } from '../../../src/shutdown/close-listening.ts';

async function listening() {
  const server = createServer((_request, response) => void response.end('fine'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  const open = async (): Promise<{ client: ClientHttp2Session; session: ServerHttp2Session }> => {
    const accepted = once(server, 'session');
    const client = connect(`http://127.0.0.1:${address.port}`).on('error', () => {});
    onTestFinished(() => client.destroy());
    const [session]: ServerHttp2Session[] = await accepted;
    if (session === undefined) throw new Error('expected a session');
    return { client, session };
  };
  return { server, open };
}

async function statusOf(client: ClientHttp2Session): Promise<unknown> {
  const request = client.request({ ':path': '/' });
  const [headers]: { ':status'?: number }[] = await once(request, 'response');
  request.resume();
  await once(request, 'close');
  return headers?.[':status'];
}

it('an HTTP/2 session that has had no request is left open for the one on its way, and another is closed', async () => {
  const { server, open } = await listening();
  const [used, unused] = [await open(), await open()];
  expect(await statusOf(used.client)).toBe(200);
  closeListening(server, () => expect.unreachable());
  expect({ listening: server.listening, unused: unused.session.closed }).toEqual({ listening: false, unused: false });
  // Node 24 and later close those that they know themselves; before, nothing does.
  expect(used.session.closed).toBe(Number(process.versions.node.split('.')[0]) >= 24);
  expect(Object.hasOwn(unused.session, 'close')).toBe(false);
  expect(await statusOf(unused.client)).toBe(200);
});
