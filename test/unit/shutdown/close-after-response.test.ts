import { hasSubscribers } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CloseAfterResponse } from '../../../src/shutdown/close-after-response.ts';
import { waitFor } from '../../support/wait-for.ts';

const CHANNELS = ['http.server.request.start', 'http.server.response.finish'];

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A server that answers when the test says so, and one connection to it. */
async function setUp(onRequest?: (exchange: Exchange) => void) {
  const exchanges: Exchange[] = [];
  const server: Server = createServer((request, response) => {
    exchanges.push({ request, response });
    onRequest?.({ request, response });
  });
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const client = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  client.on('error', () => {});
  client.setEncoding('utf8');
  let received = '';
  let ended = false;
  client.on('data', (text: string) => (received += text));
  client.on('end', () => (ended = true));
  const [socket]: Socket[] = await once(server, 'connection');
  if (socket === undefined) throw new Error('no connection');
  const closing = new CloseAfterResponse(server);
  onTestFinished(() => {
    closing.stop();
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  const ask = async (...paths: readonly string[]): Promise<void> => {
    const count = exchanges.length + paths.length;
    client.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`).join(''));
    await waitFor(() => exchanges.length === count, 'the requests');
  };
  const answer = (index: number): void => void exchanges[index]?.response.end(`body ${index}`);
  /** Of each answer whether it says close. */
  const answers = async (count: number): Promise<readonly boolean[]> => {
    await waitFor(() => received.split('body ').length === count + 1, 'the answers', { describe: () => received });
    return received
      .split('HTTP/1.1 200')
      .slice(1)
      .map((text) => /connection: close/i.test(text));
  };
  return { server, closing, client, socket, exchanges, ask, answer, answers, hasEnded: () => ended };
}

describe('CloseAfterResponse', () => {
  it('lets the answer to a request from before say close, and to one that comes later', async () => {
    const before = await setUp();
    await before.ask('/a');
    before.closing.start();
    expect(before.closing.unanswered(before.socket)).toBe(1);
    before.answer(0);
    expect(await before.answers(1)).toEqual([true]);
    await waitFor(before.hasEnded, 'the end of the connection');

    const later = await setUp();
    later.closing.start();
    expect(later.closing.unanswered(later.socket)).toBe(0);
    await later.ask('/a');
    expect(later.closing.unanswered(later.socket)).toBe(1);
    later.answer(0);
    expect(await later.answers(1)).toEqual([true]);
  });

  it('of requests pipelined before, only the last answer says close', async () => {
    const { closing, ask, answer, answers, hasEnded } = await setUp();
    await ask('/a', '/b', '/c');
    closing.start();
    for (const index of [0, 1, 2]) {
      answer(index);
      expect(await answers(index + 1)).toHaveLength(index + 1);
    }
    expect(await answers(3)).toEqual([false, false, true]);
    await waitFor(hasEnded, 'the end of the connection');
  });

  it('of requests pipelined later, only the last answer says close, in whatever order they are given', async () => {
    const { closing, socket, ask, answer, answers, hasEnded } = await setUp();
    closing.start();
    await ask('/a');
    await ask('/b');
    await ask('/c');
    expect(closing.unanswered(socket)).toBe(3);
    for (const index of [2, 0, 1]) answer(index);
    expect(await answers(3)).toEqual([false, false, true]);
    await waitFor(hasEnded, 'the end of the connection');
    await waitFor(() => closing.unanswered(socket) === 0, 'the connection to be forgotten');
  });

  it('gives a second answer on a connection whose first has said close before the second request was read', async () => {
    const { closing, exchanges, ask, answers, hasEnded } = await setUp(({ request, response }) => {
      if (request.url === '/at-once') response.end('body');
    });
    closing.start();
    await ask('/at-once', '/b');
    exchanges[1]?.response.end('body ');
    await waitFor(hasEnded, 'the end of the connection');
    expect(exchanges).toHaveLength(2);
    expect(await answers(1)).toHaveLength(2);
  });

  it('leaves alone what has its headers already, and what is to be closed anyway', async () => {
    const { closing, client, exchanges, ask, answers } = await setUp();
    await ask('/a');
    exchanges[0]?.response.flushHeaders();
    closing.start();
    exchanges[0]?.response.end('body 0');
    expect(await answers(1)).toEqual([false]);
    client.write('GET /b HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    await waitFor(() => exchanges.length === 2, 'the request');
    exchanges[1]?.response.end('body 1');
    expect(await answers(2)).toEqual([false, true]);
  });

  it('leaves other servers alone', async () => {
    const [stopping, other] = [await setUp(), await setUp()];
    stopping.closing.start();
    await other.ask('/a');
    expect(stopping.closing.unanswered(other.socket)).toBe(0);
    other.answer(0);
    expect(await other.answers(1)).toEqual([false]);
  });

  it('changes no answer any more once it has stopped', async () => {
    const { closing, socket, ask, answer, answers } = await setUp();
    const listened = CHANNELS.map((channel) => hasSubscribers(channel));
    closing.start();
    closing.stop();
    expect(CHANNELS.map((channel) => hasSubscribers(channel))).toEqual(listened);
    await ask('/a');
    expect(closing.unanswered(socket)).toBe(0);
    answer(0);
    expect(await answers(1)).toEqual([false]);
  });

  it('forgets a connection that its client has closed, and all when it stops', async () => {
    const { closing, client, socket, ask } = await setUp();
    closing.start();
    await ask('/a');
    client.destroy();
    await waitFor(() => closing.unanswered(socket) === 0, 'the connection to be forgotten');
    const another = await setUp();
    another.closing.start();
    await another.ask('/a');
    another.closing.stop();
    expect(another.closing.unanswered(another.socket)).toBe(0);
  });
});
