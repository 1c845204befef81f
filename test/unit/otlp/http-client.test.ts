import type { RequestListener } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { HttpClient } from '../../../src/otlp/http-client.ts';
import { serve } from '../../support/http-server.ts';

async function setUp(listener: RequestListener) {
  const url = new URL(`${await serve(listener)}/v1/traces`);
  const client = new HttpClient({ url, tls: { ca: undefined, key: undefined, cert: undefined }, maxConnections: 1 });
  onTestFinished(() => client.close());
  return { client };
}

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
});
