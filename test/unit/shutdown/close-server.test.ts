import { subscribe, unsubscribe, hasSubscribers } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type RequestListener, Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createNetServer, Server as NetServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { closeServer } from '../../../src/shutdown/close-server.ts';

const CLEAN = {
  ok: true,
  connectionsDestroyed: 0,
  requestsCut: 0,
  connectionsLeft: 0,
  durationMillis: expect.any(Number),
};
const LONG = 20_000;

async function listening<T extends NetServer>(server: T): Promise<T> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

async function clientOf(server: NetServer): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection');
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await accepted;
  return socket;
}

function connectionsOf(server: NetServer): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}

const GET = 'GET / HTTP/1.1\r\nHost: swansong\r\n\r\n';

/** A server with a request in flight. */
async function serving(respond: RequestListener = () => {}) {
  const server = await listening(createServer(respond));
  const asked = once(server, 'request');
  const client = await clientOf(server);
  const received = read(client);
  // A test that destroys the connection does not ask for it.
  received.catch(() => {});
  client.write(GET);
  const [, response] = (await asked) as [unknown, ServerResponse];
  return { server, client, response, received };
}

/** All that comes until the other side ends. */
async function read(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8');
  for await (const chunk of socket) text += String(chunk);
  return text;
}

describe('closeServer', () => {
  it('waits for a request from before, whose answer says close', async () => {
    const { server, response, received } = await serving();
    const closing = closeServer(server, Deadline.after(LONG));
    response.end('late');
    expect(await received).toMatch(/^HTTP\/1.1 200 OK[^]*\r\nConnection: close\r\n[^]*late$/);
    expect(await closing).toEqual(CLEAN);
  });

  it('shows the application no header', async () => {
    const { server, response } = await serving();
    const closing = closeServer(server, Deadline.after(LONG));
    expect(response.getHeaders()).toEqual({});
    response.end();
    await closing;
  });

  it('waits for a request of a server that the application has closed', async () => {
    const { server, response, received } = await serving();
    server.close();
    const closing = closeServer(server, Deadline.after(LONG));
    response.end('late');
    expect(await received).toMatch(/late$/);
    expect(await closing).toEqual(CLEAN);
  });

  it('has nothing to do for a server that never listened, or is closed', async () => {
    const server = await listening(createServer());
    server.close();
    await once(server, 'close');
    const onClose = vi.fn<() => void>();
    server.on('close', onClose);
    expect(await closeServer(server, Deadline.after(LONG))).toEqual(CLEAN);
    expect(await closeServer(createServer(), Deadline.after(LONG))).toEqual(CLEAN);
    expect(onClose).not.toHaveBeenCalled();
  });

  it('the application sees one close event, no new listeners and its own methods', async () => {
    const { server, client, response } = await serving();
    const methods = [Object.keys(Server.prototype), Object.keys(NetServer.prototype), Object.keys(server)];
    const channels = ['http.server.request.start', 'http.server.response.finish'];
    const spectate = () => {};
    for (const channel of channels) subscribe(channel, spectate);
    const onClose = vi.fn<() => void>();
    server.on('close', onClose);
    const listeners = server.eventNames().map((name) => [name, server.listenerCount(name)]);
    const closing = closeServer(server, Deadline.after(LONG));
    response.end();
    await closing;
    expect(onClose).toHaveBeenCalledTimes(1);
    expect(server.eventNames().map((name) => [name, server.listenerCount(name)])).toEqual(listeners);
    expect([Object.keys(Server.prototype), Object.keys(NetServer.prototype), Object.keys(server)]).toEqual(methods);
    for (const channel of channels) {
      unsubscribe(channel, spectate);
      expect(hasSubscribers(channel)).toBe(false);
    }
    client.destroy();
  });

  it('accepts what the kernel has already connected', async () => {
    const server = await listening(createServer((_request, response) => response.end('accepted')));
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1', () => client.write(GET));
    const received = read(client);
    // Now the kernel has connected them, and this process has not looked.
    await new Promise((resolve) => process.nextTick(resolve));
    const closing = closeServer(server, Deadline.after(LONG));
    expect(await received).toMatch(/accepted$/);
    expect(await closing).toEqual(CLEAN);
  });

  it('destroys at the deadline what did not end, and counts it', async () => {
    const { server, client } = await serving();
    const idle = await clientOf(server);
    const closed = Promise.all([once(client, 'close'), once(idle, 'close')]);
    expect(await closeServer(server, Deadline.after(0))).toEqual({
      ok: false,
      connectionsDestroyed: 2,
      requestsCut: 1,
      connectionsLeft: 0,
      durationMillis: expect.any(Number),
    });
    await closed;
    expect(server.listening).toBe(false);
  });

  it('counts pipelined requests that were cut', async () => {
    const { server, client } = await serving();
    const aborted = new AbortController();
    server.on('request', (_request, response: ServerResponse) => {
      if (response.shouldKeepAlive) return;
      asked += 1;
      if (asked === 2) aborted.abort();
    });
    let asked = 0;
    const closing = closeServer(server, Deadline.after(LONG, aborted.signal));
    client.write(GET + GET);
    expect(await closing).toMatchObject({ connectionsDestroyed: 1, requestsCut: 3 });
  });

  it('says which connections it could not destroy', async () => {
    const server = await listening(createNetServer((socket) => socket.on('error', () => {}).unref()));
    const accepted = once(server, 'connection');
    const client = await clientOf(server);
    await accepted;
    const listeners = server.listenerCount('close');
    expect(await closeServer(server, Deadline.after(0))).toMatchObject({
      ok: false,
      connectionsDestroyed: 0,
      connectionsLeft: 1,
    });
    expect(server.listenerCount('close')).toBe(listeners);
    client.destroy();
  });

  it('goes on without a close() that throws, and throws what that has thrown', async () => {
    const { server, response, received } = await serving();
    const failure = new Error('no close');
    const closing = closeServer(
      Object.defineProperty(server, 'close', {
        configurable: true,
        value: () => {
          throw failure;
        },
      }),
      Deadline.after(LONG),
    );
    const outcome = closing.catch((error: unknown) => error);
    response.end('late');
    expect(await received).toMatch(/late$/);
    expect(await outcome).toBe(failure);
    expect([server.listening, await connectionsOf(server)]).toEqual([false, 0]);
    Reflect.deleteProperty(server, 'close');
  });

  it('goes on without a close() that rejects', async () => {
    const server = await listening(createServer());
    const failure = new Error('no close');
    Object.defineProperty(server, 'close', { configurable: true, value: () => Promise.reject(failure) });
    await expect(closeServer(server, Deadline.after(LONG))).rejects.toBe(failure);
    expect(server.listening).toBe(false);
    Reflect.deleteProperty(server, 'close');
  });

  it('waits for a close() that takes its time, and for one that never closes until the deadline', async () => {
    const late = await listening(createServer());
    const close = late.close.bind(late);
    Object.defineProperty(late, 'close', { configurable: true, value: () => void setTimeout(close, 1) });
    expect(await closeServer(late, Deadline.after(LONG))).toEqual(CLEAN);
    Reflect.deleteProperty(late, 'close');
    const never = await listening(createServer());
    Object.defineProperty(never, 'close', { configurable: true, value: () => {} });
    expect(await closeServer(never, Deadline.after(0))).toEqual(CLEAN);
    expect(never.listening).toBe(false);
    Reflect.deleteProperty(never, 'close');
  });

  it('leaves an own closeIdleConnections() as it was, and one that cannot be replaced', async () => {
    const server = await listening(createServer());
    const own = { value: vi.fn<() => void>(), configurable: true, enumerable: true, writable: false };
    Object.defineProperty(server, 'closeIdleConnections', own);
    expect(await closeServer(server, Deadline.after(LONG))).toEqual(CLEAN);
    expect(Object.getOwnPropertyDescriptor(server, 'closeIdleConnections')).toEqual(own);
    expect(own.value).not.toHaveBeenCalled();
    const fixed = await listening(createServer());
    Object.defineProperty(fixed, 'closeIdleConnections', { ...own, configurable: false });
    expect(await closeServer(fixed, Deadline.after(LONG))).toEqual(CLEAN);
    expect(own.value).toHaveBeenCalledTimes(1);
  });

  it('does nothing to the requests of another server', async () => {
    const other = await serving();
    const server = await listening(createServer());
    const closing = closeServer(server, Deadline.after(LONG));
    expect(other.response.shouldKeepAlive).toBe(true);
    const asked = once(other.server, 'request');
    const client = await clientOf(other.server);
    client.write(GET);
    const [, response] = (await asked) as [unknown, ServerResponse];
    expect(response.shouldKeepAlive).toBe(true);
    expect(await closing).toEqual(CLEAN);
    other.server.closeAllConnections();
  });
});
