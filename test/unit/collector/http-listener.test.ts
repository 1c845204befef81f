import { once } from 'node:events';
import { Agent } from 'node:http';
import { Client as GrpcClient, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HttpListener, type ListenerOptions } from '../../../src/collector/http-listener.ts';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { closeServer } from '../../../src/shutdown/close-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { openSocket, send, untilClosed } from './support/http-client.ts';

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

interface Listening {
  readonly url: string;
  readonly listener: HttpListener;
  /** Answers the requests that wait. */
  readonly answer: () => void;
  readonly requests: () => number;
  readonly reported: readonly string[];
}

async function listening(options: Partial<ListenerOptions> = {}): Promise<Listening> {
  const reported: string[] = [];
  const gate = Promise.withResolvers<void>();
  let requests = 0;
  const listener = new HttpListener(
    {
      maxConnections: 10,
      headersTimeoutMillis: 60_000,
      bodyTimeoutMillis: 60_000,
      report: (line) => reported.push(line),
      ...options,
    },
    async (request, response) => {
      requests++;
      if (request.url === '/bug') throw new Error('a bug');
      if (request.url !== '/now') await gate.promise;
      response.end('answered');
    },
  );
  const { port } = await listener.listen('127.0.0.1', 0);
  onTestFinished(async () => void (await closeServer(listener.server, Deadline.after(1))));
  return {
    url: `http://127.0.0.1:${port}`,
    listener,
    answer: () => gate.resolve(),
    requests: () => requests,
    reported,
  };
}

describe('closing', () => {
  test('answers what is in flight and closes its connection', async () => {
    const { url, listener, answer, requests } = await listening();
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const answered = send(url, { agent, method: 'GET' });
    await waitFor(() => requests() === 1, 'the request to arrive');
    const closed = closeServer(listener.server, Deadline.after(60_000));
    answer();
    await closed;
    expect(await answered).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await expect(send(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('does not wait for connections that are silent or idle', async () => {
    const { url, listener } = await listening();
    const silent = await openSocket(url);
    const idle = await openSocket(url);
    idle.write('GET /now HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(idle, 'readable');
    const ends = [silent, idle].map((socket) => untilClosed(socket).catch(() => 'reset'));
    await closeServer(listener.server, Deadline.after(60_000));
    expect(await Promise.all(ends)).toHaveLength(2);
  });

  test('cuts what is not answered in time', async () => {
    const { url, listener, requests } = await listening();
    const answered = send(url, { method: 'GET' }).catch((error: unknown) => error);
    await waitFor(() => requests() === 1, 'the request to arrive');
    await closeServer(listener.server, Deadline.after(1));
    expect(await answered).toMatchObject({ code: 'ECONNRESET' });
  });
});

test('slow headers are answered 408 and cut off', async () => {
  const { url, requests } = await listening({ headersTimeoutMillis: 20 });
  const socket = await openSocket(url);
  socket.write('GET / HTTP/1.1\r\nx: y\r\n');
  expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 408 /);
  expect(requests()).toBe(0);
});

test('connections beyond the limit are closed at once', async () => {
  const { url, answer, requests } = await listening({ maxConnections: 2 });
  const open = await Promise.all([openSocket(url), openSocket(url)]);
  for (const socket of open) socket.write(REQUEST);
  await waitFor(() => requests() === 2, 'both requests to arrive');
  const third = await openSocket(url);
  third.write(REQUEST);
  expect(await untilClosed(third).catch(() => '')).toBe('');
  answer();
  for (const socket of open) socket.end();
  expect(await Promise.all(open.map((socket) => untilClosed(socket)))).toEqual([
    expect.stringMatching(/^HTTP\/1\.1 200 /),
    expect.stringMatching(/^HTTP\/1\.1 200 /),
  ]);
});

describe('what is no HTTP/1', () => {
  const GRPC =
    'a client sent HTTP/2, as OTLP/gRPC does, and was answered 400: this port takes OTLP/HTTP (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf)';
  const TLS = 'a client sent TLS and was answered 400: this port takes http, not https';

  test.each([
    ['HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'), [GRPC]],
    ['TLS', Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3]), [TLS]],
    ['something else', Buffer.from('hello\r\n\r\n'), []],
  ])('%s is told in one line, not for every connection, and answered 400', async (_what, bytes, lines) => {
    const { url, reported, requests } = await listening();
    for (let time = 0; time < 3; time++) {
      const socket = await openSocket(url);
      socket.write(bytes);
      expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect({ reported, requests: requests() }).toEqual({ reported: lines, requests: 0 });
  });

  test('so is a client of OTLP/gRPC, which learns that it failed', async () => {
    const { url, reported } = await listening();
    const client = new GrpcClient(new URL(url).host, credentials.createInsecure());
    onTestFinished(() => client.close());
    const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
    const same = (bytes: Buffer): Buffer => bytes;
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(method, same, same, Buffer.alloc(0), resolve);
    });
    expect(error?.code).toBe(status.UNAVAILABLE);
    expect(reported).toEqual([GRPC]);
  });
});

test('a handler that fails costs its connection, and is reported', async () => {
  const { url, reported } = await listening();
  await expect(send(`${url}/bug`)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(reported).toEqual(['POST /bug: Error: a bug']);
  expect(await send(`${url}/now`)).toMatchObject({ status: 200 });
});

test('a port in use is an error of listen()', async () => {
  const { url } = await listening();
  const { listener } = await listening();
  await closeServer(listener.server, Deadline.after(1));
  const second = new HttpListener(
    { maxConnections: 1, headersTimeoutMillis: 1000, bodyTimeoutMillis: 1000, report: () => {} },
    () => Promise.resolve(),
  );
  await expect(second.listen('127.0.0.1', Number(new URL(url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
