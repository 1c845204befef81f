import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Collector, startCollector } from '../../../src/collector.ts';
import { readLines } from '../../support/temporary-folder.ts';
import { JSON_TYPE, openSocket, PROTOBUF_TYPE, send, untilClosed } from './support/http-client.ts';
import { SPAN, traces } from './support/items.ts';
import { decodeStatus } from './support/rpc-status.ts';
import { start } from './support/start.ts';

/*
 * A page whose name its owner points to 127.0.0.1 after it was loaded (DNS rebinding) may send what it likes to this port, and may read
 * every answer: for the browser it is the same origin. Only the name in the request tells it from the machine's own programs.
 */

const BODY = JSON.stringify(traces(SPAN));

/** The first line of the answer to bytes that no HTTP client would send. */
async function answerTo({ port }: Collector, head: readonly string[], body = BODY): Promise<string | undefined> {
  const socket = await openSocket(`http://127.0.0.1:${port}`);
  const lines = [...head, 'content-type: application/json', `content-length: ${body.length}`, 'connection: close'];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  return (await untilClosed(socket)).split('\r\n')[0];
}

const OK = 'HTTP/1.1 200 OK';
const MISDIRECTED = 'HTTP/1.1 421 Misdirected Request';
const BAD = 'HTTP/1.1 400 Bad Request';

describe('a request for another host', () => {
  test.each(['/v1/traces', '/v1/metrics', '/v1/logs', '/', '/healthz', '/nothing'])('%s is 421', async (path) => {
    const { url, directory } = await start();
    const answer = await send(`${url}${path}`, {
      method: path.startsWith('/v1') ? 'POST' : 'GET',
      headers: { ...JSON_TYPE, host: 'evil.example:4318' },
      ...(path.startsWith('/v1') && { body: BODY }),
    });
    expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([
      421,
      {
        code: 7,
        message:
          'host: expected localhost, the address that this collector listens on or one that --allow-host names (got "evil.example:4318"); nothing of this request was read',
      },
    ]);
    for (const file of await readdir(directory)) expect(await readLines(join(directory, file))).toEqual([]);
  });

  test('is refused in the encoding of the request, counted and reported, not for every request', async () => {
    const collector = await start();
    const { url, reported } = collector;
    const headers = { ...PROTOBUF_TYPE, host: 'evil.example' };
    const answers = await Promise.all([1, 2, 3].map(() => send(`${url}/v1/traces`, { headers, body: '' })));
    for (const { status, body } of answers) expect([status, decodeStatus(body)]).toMatchObject([421, { code: 7 }]);
    expect(collector.counts().traces).toEqual({ requests: 0, items: 0, rejected: 0, refused: 3 });
    expect(reported).toEqual([
      'a request for the host "evil.example" was answered 421; if that is a name of this collector, allow it: --allow-host evil.example',
    ]);
  });

  test('gets no permission for a page, not even with every origin allowed', async () => {
    const { url } = await start({ corsOrigins: ['*'] });
    const headers = { host: 'evil.example', origin: 'http://evil.example', 'access-control-request-method': 'POST' };
    const answer = await send(`${url}/v1/traces`, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(421);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('and for this one, in every form that HTTP has for it', async () => {
    const collector = await start();
    const { port } = collector;
    const rows: readonly (readonly [string, readonly string[], string | undefined])[] = [
      ['the port is no part of the name', ['POST /v1/traces HTTP/1.1', 'host: localhost:1'], OK],
      ['case', ['POST /v1/traces HTTP/1.1', 'host: LocalHost'], OK],
      ['the dot of the root', ['POST /v1/traces HTTP/1.1', 'host: localhost.'], OK],
      ['brackets', ['POST /v1/traces HTTP/1.1', 'host: [::1]:4318'], OK],
      ['below localhost (RFC 6761 6.3)', ['POST /v1/traces HTTP/1.1', 'host: app.localhost'], OK],
      ['all of 127.0.0.0/8', ['POST /v1/traces HTTP/1.1', 'host: 127.8.9.1'], OK],
      // HTTP/1.0 has no Host; every browser sends one.
      ['no Host in HTTP/1.0', ['POST /v1/traces HTTP/1.0'], OK],
      ['no Host in HTTP/1.1 (RFC 9112 3.2)', ['POST /v1/traces HTTP/1.1'], BAD],
      ['two of them (RFC 9112 3.2)', ['POST /v1/traces HTTP/1.1', 'host: localhost', 'host: evil.example'], BAD],
      ['twice the same', ['POST /v1/traces HTTP/1.1', 'host: localhost', 'host: localhost'], BAD],
      ['an empty one', ['POST /v1/traces HTTP/1.1', 'host:'], MISDIRECTED],
      ['user information', ['POST /v1/traces HTTP/1.1', 'host: localhost@evil.example'], MISDIRECTED],
      ['the name as a part', ['POST /v1/traces HTTP/1.1', 'host: localhost.evil.example'], MISDIRECTED],
      ['the address as a part', ['POST /v1/traces HTTP/1.1', 'host: 127.0.0.1.evil.example'], MISDIRECTED],
      ['a path in it', ['POST /v1/traces HTTP/1.1', 'host: localhost/@evil.example'], MISDIRECTED],
      ['another address', ['POST /v1/traces HTTP/1.1', 'host: 192.0.2.1'], MISDIRECTED],
      ['the target is absolute', [`POST http://localhost:${port}/v1/traces HTTP/1.1`, 'host: localhost'], OK],
      ['and wins (RFC 9112 3.2.2)', ['POST http://localhost/v1/traces HTTP/1.1', 'host: evil.example'], OK],
      ['whoever asks', ['POST http://evil.example/v1/traces HTTP/1.1', 'host: localhost'], MISDIRECTED],
      ['in HTTP/1.0 too', ['POST http://evil.example/v1/traces HTTP/1.0'], MISDIRECTED],
      ['its scheme in any case', ['POST HTTP://LOCALHOST/v1/traces?a=b HTTP/1.1', 'host: x'], OK],
      ['user information in it', ['POST http://a@localhost/v1/traces HTTP/1.1', 'host: localhost'], MISDIRECTED],
      [
        'a path that looks like one',
        ['POST //localhost/v1/traces HTTP/1.1', 'host: localhost'],
        'HTTP/1.1 404 Not Found',
      ],
      [
        'an absolute target without a path',
        ['POST http://localhost HTTP/1.1', 'host: localhost'],
        'HTTP/1.1 405 Method Not Allowed',
      ],
    ];
    const answers = [];
    for (const [what, head] of rows) answers.push([what, head, await answerTo(collector, head)]);
    expect(answers).toEqual(rows);
  });
});

describe('--allow-host', () => {
  test.each([
    ['collector.example', 'collector.example', 200],
    ['collector.example', 'COLLECTOR.example.:4318', 200],
    ['Collector.Example.', 'collector.example', 200],
    ['collector.example', 'other.example', 421],
    ['collector.example', 'a.collector.example', 421],
    ['.example.com', 'a.b.example.com', 200],
    ['.example.com', 'example.com', 200],
    ['.example.com', 'badexample.com', 421],
    ['192.0.2.7', '192.0.2.7:4318', 200],
    ['2001:db8::1', '[2001:DB8:0::1]:4318', 200],
    ['[2001:db8::1]', '[2001:db8::1]', 200],
    ['*', 'whatever.example', 200],
  ])('%s: a request for %s is %i', async (allowed, host, status) => {
    const { url } = await start({ allowedHosts: [allowed] });
    expect(await send(`${url}/v1/traces`, { headers: { ...JSON_TYPE, host }, body: BODY })).toMatchObject({ status });
    expect(await send(`${url}/v1/traces`, { headers: JSON_TYPE, body: BODY })).toMatchObject({ status: 200 });
  });

  test.each(['http://x', 'x:4318', '', ' ', 'a b', 'a/b', '*.example.com', '.', 'a@b'])(
    '%j is refused',
    async (host) => {
      await expect(startCollector({ allowedHosts: [host] })).rejects.toEqual(
        new RangeError(
          `allowedHosts: expected a host name or an IP address without a port, .example.com for all names below it, or * (got ${JSON.stringify(host)})`,
        ),
      );
    },
  );
});

describe('by the address it listens on', () => {
  test.each([
    // In a network the name of the collector is what its users call it, as a service of Docker compose or of Kubernetes. No name of
    // these kinds can be registered, so no page has one; and no address is looked up.
    ['0.0.0.0', 'archive:4318', 200],
    ['0.0.0.0', 'my_archive', 200],
    ['0.0.0.0', 'collector.observability.svc:4318', 200],
    ['0.0.0.0', 'collector.observability.svc.cluster.local', 200],
    ['0.0.0.0', 'host.docker.internal:4318', 200],
    ['0.0.0.0', 'printer.home.arpa', 200],
    ['0.0.0.0', '192.0.2.1:4318', 200],
    ['0.0.0.0', '[2001:db8::1]:4318', 200],
    ['0.0.0.0', 'localhost', 200],
    ['0.0.0.0', 'evil.example', 421],
    ['0.0.0.0', 'local.evil.example', 421],
    ['::', 'archive', 200],
    ['::', 'evil.example', 421],
    ['127.0.0.1', 'archive', 421],
    ['127.0.0.1', 'collector.observability.svc', 421],
    ['127.0.0.2', '127.0.0.2', 200],
    ['localhost', 'localhost', 200],
  ])('%s: a request for %s is %i', async (bound, host, status) => {
    const { port } = await start({ host: bound });
    const to = bound.startsWith('127.') ? bound : bound === 'localhost' ? 'localhost' : '127.0.0.1';
    expect(await send(`http://${to}:${port}/v1/traces`, { headers: { ...JSON_TYPE, host }, body: BODY })).toMatchObject(
      { status },
    );
  });
});
