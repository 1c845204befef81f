import { Agent, ClientRequest, type RequestListener } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { HttpClient, type HttpClientOptions } from '../../../src/otlp/http-client.ts';
import { serve } from '../../support/http-server.ts';

async function setUp(listener: RequestListener, options: Partial<HttpClientOptions> = {}) {
  const url = new URL(`${await serve(listener)}/v1/traces`);
  const tls = { ca: undefined, key: undefined, cert: undefined };
  const client = new HttpClient({ url, tls, maxConnections: 1, ...options });
  onTestFinished(() => client.close());
  return { client };
}

const never = (): AbortSignal => new AbortController().signal;

const BODY = Buffer.from('body');

describe('HttpClient', () => {
  it('does not keep the process alive by its sockets, while it waits', async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const unreferenced = vi.spyOn(Socket.prototype, 'unref');
    onTestFinished(() => void vi.restoreAllMocks());
    const { client } = await setUp((_request, response) => {
      arrive();
      void released.then(() => response.end());
    });
    const answer = client.post(BODY, {}, new AbortController().signal);
    await arrived;
    expect(unreferenced).toHaveBeenCalledTimes(1);
    release();
    expect(await answer).toMatchObject({ status: 'answered', code: 200 });
  });

  it('leaves no listener on the signal of a request that was answered', async () => {
    const { client } = await setUp((_request, response) => void response.end());
    const { signal } = new AbortController();
    const listeners = new Map<unknown, number>();
    const count = (listener: unknown, by: number): void =>
      void listeners.set(listener, (listeners.get(listener) ?? 0) + by);
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...parameters: Parameters<typeof add>) => {
      count(parameters[1], 1);
      add(...parameters);
    };
    signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
      count(parameters[1], -1);
      remove(...parameters);
    };
    await client.post(BODY, {}, signal);
    expect([...listeners.values()].filter((left) => left > 0)).toEqual([]);
    expect(listeners.size).toBeGreaterThan(0);
  });

  it('opens a new connection after close()', async () => {
    const connections = new Set<Socket>();
    const { client } = await setUp((request, response) => {
      connections.add(request.socket);
      response.end();
    });
    await client.post(BODY, {}, never());
    await client.post(BODY, {}, never());
    expect(connections.size).toBe(1);
    client.close();
    const [first] = connections;
    await vi.waitFor(() => expect(first?.destroyed).toBe(true));
    expect(await client.post(BODY, {}, never())).toMatchObject({ status: 'answered', code: 200 });
    expect(connections.size).toBe(2);
  });

  it('uses the agent of the application, which stays open', async () => {
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const connect = vi.spyOn(agent, 'createConnection');
    const destroy = vi.spyOn(agent, 'destroy');
    const { client } = await setUp((_request, response) => void response.end(), { agent: async () => agent });
    expect(await client.post(BODY, {}, never())).toMatchObject({ status: 'answered' });
    client.close();
    expect([connect.mock.calls.length, destroy.mock.calls.length]).toEqual([1, 0]);
  });

  it('does not send again what a new connection has lost', async () => {
    let requests = 0;
    const { client } = await setUp((request) => {
      requests += 1;
      request.socket.resetAndDestroy();
    });
    expect(await client.post(BODY, {}, never())).toMatchObject({
      status: 'unanswered',
      error: { code: 'ECONNRESET' },
      reusedSocket: false,
    });
    expect(requests).toBe(1);
  });

  it('an answer that is cut off is none', async () => {
    const { client } = await setUp((_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half');
      setImmediate(() => response.destroy());
    });
    expect(await client.post(BODY, {}, never())).toMatchObject({ status: 'unanswered', error: { message: 'aborted' } });
  });

  it.each([
    ['its own agent, of which it then has another', undefined],
    ['the application’s, which it leaves alone', new Agent({ keepAlive: true })],
  ])('gives up an aborted request that Node does not end: with %s', async (_, agent) => {
    onTestFinished(() => void vi.restoreAllMocks());
    onTestFinished(() => agent?.destroy());
    let requests = 0;
    const attempt = new AbortController();
    const { client } = await setUp(
      (_request, response) => {
        requests += 1;
        if (requests === 1) attempt.abort(new Error('no answer within 1 ms'));
        else response.end();
      },
      agent === undefined ? {} : { agent: async () => agent },
    );
    // As where the application has mocked `process.nextTick`.
    vi.spyOn(ClientRequest.prototype, 'destroy').mockImplementation(function destroy(this: ClientRequest) {
      return this;
    });
    const destroyed = vi.spyOn(Agent.prototype, 'destroy');
    expect(await client.post(BODY, {}, attempt.signal)).toEqual({
      status: 'unanswered',
      error: new Error('no answer within 1 ms'),
      reusedSocket: false,
    });
    expect(destroyed).toHaveBeenCalledTimes(agent === undefined ? 1 : 0);
    vi.restoreAllMocks();
    if (agent !== undefined) return;
    expect(await client.post(BODY, {}, never())).toMatchObject({ status: 'answered', code: 200 });
  });
});
