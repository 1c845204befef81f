import { createServer } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { type ReceivedTarget, receivedTarget } from '../../../src/request/received-target.ts';

/** What a server makes of the head of a request. */
async function received(...head: readonly string[]): Promise<ReceivedTarget> {
  const { promise, resolve } = Promise.withResolvers<ReceivedTarget>();
  const server = createServer((request, response) => {
    resolve(receivedTarget(request));
    response.end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('expected a port');
  const socket = connect(address.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.end([...head, 'connection: close', '', ''].join('\r\n'));
  return promise;
}

const NO_PROBLEM = { problem: undefined };

// RFC 9112, section 3.2
it.each([
  ['GET /a?b HTTP/1.1', { host: 'shop.example:80', path: '/a', ...NO_PROBLEM }],
  ['GET http://other.example?b HTTP/1.1', { host: 'other.example', path: '/', ...NO_PROBLEM }],
  ['GET ftp://other.example/a HTTP/1.1', { host: 'other.example', path: '/a', ...NO_PROBLEM }],
  ['GET http://user:secret@shop.example/a HTTP/1.1', { host: 'REDACTED@shop.example', path: '/a', ...NO_PROBLEM }],
  ['OPTIONS * HTTP/1.1', { host: 'shop.example:80', path: '*', ...NO_PROBLEM }],
])('%s', async (line, expected) => {
  expect(await received(line, 'host: shop.example:80')).toEqual(expected);
});

it('without a Host header, which only HTTP/1.0 allows, there is no host', async () => {
  expect(await received('GET /a HTTP/1.0')).toEqual({ host: undefined, path: '/a', problem: undefined });
});

it('two Host headers are a problem, even if they are the same', async () => {
  expect(await received('GET / HTTP/1.1', 'host: a', 'Host: a')).toEqual({
    host: 'a',
    path: '/',
    problem: 'host: expected one header (got 2)',
  });
});
