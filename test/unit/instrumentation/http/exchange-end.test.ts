import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { context, metrics } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { instrumentIncomingHttp } from '../../../../src/instrumentation/http/incoming-http.ts';
import { waitFor } from '../../../support/wait-for.ts';

const spans = new InMemorySpanExporter();
const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }).getTracer('test');
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
instrumentIncomingHttp(tracer, metrics.getMeter('test'));
afterEach(() => spans.reset());

async function open(listener: RequestListener): Promise<Socket> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  const client = connect(address.port, '127.0.0.1').on('error', () => {});
  client.resume();
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  await once(client, 'connect');
  return client;
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: swansong\r\n\r\n`;

/** Paths of the spans that have ended. */
const paths = (): string[] => spans.getFinishedSpans().map(({ attributes }) => String(attributes['url.path']));

const ended = (count: number): Promise<string[]> =>
  waitFor(() => (paths().length === count ? paths().toSorted() : undefined), `${count} spans`);

describe('the span of a request ends', () => {
  it.each([
    ['at once', (_response: ServerResponse, { socket }: { socket: Socket }) => void socket.destroy()],
    ['later', (_response: ServerResponse, { socket }: { socket: Socket }) => void setImmediate(() => socket.destroy())],
  ])('where its connection is destroyed %s, ahead of its turn', async (_title, first) => {
    const client = await open((request, response) => {
      if (request.url === '/1') first(response, request);
      // The others are answered, each when it is its turn, which never comes.
      else response.end();
    });
    client.write(get('/1') + get('/2') + get('/3'));
    expect(await ended(3)).toEqual(['/1', '/2', '/3']);
  });

  it('where the client goes away, whatever is pipelined', async () => {
    let arrived = 0;
    const client = await open(() => {
      arrived += 1;
      if (arrived === 3) client.destroy();
    });
    client.write(get('/1') + get('/2') + get('/3'));
    expect(await ended(3)).toEqual(['/1', '/2', '/3']);
  });

  it.each([
    ['and the response is sent', (response: ServerResponse) => void response.end()],
    ['and the connection is destroyed', (response: ServerResponse) => void response.socket?.destroy()],
  ])('where the application removes all listeners of the response %s', async (_title, end) => {
    const client = await open((_request, response) => {
      response.removeAllListeners();
      setImmediate(() => end(response));
    });
    client.write(get('/1'));
    // A response without Node's own listeners keeps its connection: the client ends it.
    client.end();
    expect(await ended(1)).toEqual(['/1']);
  });

  it('once, after the listeners of the application for finish, with one listener of ours on a kept-alive connection', async () => {
    const seen: unknown[] = [];
    const client = await open((request, response) => {
      response.once('finish', () => seen.push([request.url, paths().includes(String(request.url))]));
      seen.push(request.socket.listenerCount('close'));
      response.end();
    });
    for (const path of ['/1', '/2']) {
      client.write(get(path));
      await waitFor(() => paths().includes(path), `the span of ${path}`);
    }
    client.destroy();
    const [listeners] = seen;
    expect(seen).toEqual([listeners, ['/1', false], listeners, ['/2', false]]);
    expect(paths()).toEqual(['/1', '/2']);
  });

  it('and ten listeners of the application on its connection are no warning', async () => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const client = await open((request, response) => {
      const own = request.socket.listenerCount('close') - 1;
      for (let count = own; count < 10; count += 1) request.socket.on('close', () => {});
      response.end();
    });
    client.write(get('/1'));
    await ended(1);
    expect(warnings).toEqual([]);
  });
});
