import { EventEmitter, once } from 'node:events';
import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { runInNewContext } from 'node:vm';
import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { getRPCMetadata, suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authority, serverCertificate } from '../../../support/certificates.ts';
import { listen } from '../../../support/http-server.ts';
import { startProxy } from '../../../support/proxy.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { waitFor } from '../../../support/wait-for.ts';
import {
  CLIENT,
  countOf,
  durations,
  finished,
  onlySpan,
  propagateWhatHttpDoesNotAllow,
  serve,
  SERVER,
  spans,
  tracer,
} from './instrumented.ts';

/** Sends a request and reads its response to the end. */
function call(options: http.RequestOptions, body?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', agent: false, ...options }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('incoming requests', () => {
  it('are spans with the attributes of semantic conventions, and a duration', async () => {
    const port = await serve((_request, response) => response.writeHead(201).end());
    await call({ port, path: '/orders?id=7&sig=secret', method: 'POST', headers: { 'user-agent': 'test/1' } });
    const span = await onlySpan(SERVER);
    expect(span).toMatchObject({ name: 'POST', status: { code: SpanStatusCode.UNSET } });
    expect(span.attributes).toEqual({
      'http.request.method': 'POST',
      'url.scheme': 'http',
      'url.path': '/orders',
      'url.query': 'id=7&sig=REDACTED',
      'server.address': '127.0.0.1',
      'server.port': port,
      'network.protocol.version': '1.1',
      'network.peer.address': '127.0.0.1',
      'network.peer.port': expect.any(Number),
      'client.address': '127.0.0.1',
      'user_agent.original': 'test/1',
      'http.response.status_code': 201,
    });
    await finished(CLIENT);
    expect(await durations()).toContainEqual([
      'http.server.request.duration',
      's',
      {
        'http.request.method': 'POST',
        'url.scheme': 'http',
        'network.protocol.version': '1.1',
        'http.response.status_code': 201,
      },
    ]);
  });

  it('5xx is an error, 4xx is the caller’s', async () => {
    const port = await serve((request, response) => response.writeHead(Number(request.url?.slice(1))).end());
    await call({ port, path: '/404' });
    await call({ port, path: '/503' });
    expect(
      (await finished(SERVER, 2)).map(({ status, attributes }) => [status.code, attributes['error.type']]),
    ).toEqual([
      [SpanStatusCode.UNSET, undefined],
      [SpanStatusCode.ERROR, '503'],
    ]);
  });

  it('continue the trace of the caller, not of the request before on the same connection', async () => {
    const port = await serve((_request, response) => response.end());
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const traceparent = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;
    await context.with(suppressTracing(ROOT_CONTEXT), async () => {
      await call({ port, agent, headers: { traceparent: traceparent('a') } });
      await call({ port, agent });
      await call({ port, agent, headers: { traceparent: traceparent('b') } });
    });
    const [first, second, third] = await finished(SERVER, 3);
    expect(first?.spanContext().traceId).toBe('a'.repeat(32));
    expect(second?.parentSpanContext).toBeUndefined();
    expect(third?.parentSpanContext?.spanId).toBe('b'.repeat(16));
  });

  it('run their handler, and every listener of the request and the response, in the context of their span', async () => {
    const active: [string, string | undefined][] = [];
    const note = (where: string) => active.push([where, trace.getActiveSpan()?.spanContext().spanId]);
    const port = await serve((request, response) => {
      note('handler');
      request.on('data', () => note('data'));
      request.once('end', () => {
        note('end');
        response.end();
      });
      response.on('finish', () => note('finish'));
      response.on('close', () => note('close'));
    });
    // The chunks arrive in turns of their own, after the head.
    await new Promise((resolve) => {
      const request = http.request({ port, host: '127.0.0.1', method: 'POST', agent: false }, (response) =>
        response.resume().on('end', resolve),
      );
      request.flushHeaders();
      void waitFor(() => active.length > 0, 'the handler').then(() => {
        request.write('one');
        void waitFor(() => active.length > 1, 'the first chunk').then(() => request.end('two'));
      });
    });
    const { spanId } = (await onlySpan(SERVER)).spanContext();
    await waitFor(() => active.length >= 6, 'all events');
    expect(active).toEqual([
      ['handler', spanId],
      ['data', spanId],
      ['data', spanId],
      ['end', spanId],
      ['finish', spanId],
      ['close', spanId],
    ]);
  });

  it('pipelined in one packet, are apart', async () => {
    const seen: (string | undefined)[] = [];
    const port = await serve((_request, response) => {
      seen.push(trace.getActiveSpan()?.spanContext().spanId);
      response.end();
    });
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    const served = await finished(SERVER, 2);
    expect(served.map((span) => span.spanContext().spanId).toSorted()).toEqual(
      seen.flatMap((id) => id ?? []).toSorted(),
    );
    expect(served.map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined, undefined]);
    expect(new Set(served.map((span) => span.spanContext().traceId)).size).toBe(2);
  });

  it('take the route that a framework’s instrumentation finds', async () => {
    const port = await serve((_request, response) => {
      const rpc = getRPCMetadata(context.active());
      if (rpc !== undefined) rpc.route = '/orders/:id';
      response.end();
    });
    await call({ port, path: '/orders/7' });
    expect(await onlySpan(SERVER)).toMatchObject({
      name: 'GET /orders/:id',
      attributes: { 'http.route': '/orders/:id' },
    });
  });

  it('keep the error that was recorded on them, with its message', async () => {
    const port = await serve((_request, response) => {
      trace
        .getActiveSpan()
        ?.setAttribute('error.type', 'RangeError')
        .setStatus({ code: SpanStatusCode.ERROR, message: 'out of stock' });
      response.writeHead(500).end();
    });
    await call({ port });
    expect(await onlySpan(SERVER)).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'out of stock' },
      attributes: { 'error.type': 'RangeError', 'http.response.status_code': 500 },
    });
  });

  it('are ended when the client goes away, without a status that nobody got', async () => {
    const port = await serve((request) => request.socket.destroy());
    await expect(call({ port })).rejects.toThrow('socket hang up');
    const { attributes } = await onlySpan(SERVER);
    expect(attributes).not.toHaveProperty('http.response.status_code');
  });

  it('are ended where the application or somebody else has an `emit` of its own', async () => {
    const emitted: string[] = [];
    const prototypeOfAll: unknown = Reflect.get(EventEmitter.prototype, 'emit');
    const wrap = (emit: unknown) =>
      function (this: ServerResponse, event: string, ...values: unknown[]): unknown {
        emitted.push(event);
        return typeof emit === 'function' ? Reflect.apply(emit, this, [event, ...values]) : undefined;
      };
    const port = await serve((request, response) => {
      if (request.url === '/own') Reflect.set(response, 'emit', wrap(Reflect.get(response, 'emit')));
      response.end();
    });
    await call({ port, path: '/own' });
    await finished(SERVER);
    expect(emitted).toEqual(expect.arrayContaining(['prefinish', 'finish', 'close']));

    const { prototype } = http.ServerResponse;
    const present = Object.getOwnPropertyDescriptor(prototype, 'emit');
    if (present === undefined) throw new Error('expected the accessor');
    onTestFinished(() => void Object.defineProperty(prototype, 'emit', present));
    Reflect.set(prototype, 'emit', wrap(Reflect.get(prototype, 'emit')));
    await call({ port, path: '/assigned' });
    await finished(SERVER, 2);
    expect(emitted.filter((event) => event === 'close')).toHaveLength(2);
    Reflect.set(prototype, 'emit', prototypeOfAll);

    Object.defineProperty(prototype, 'emit', { value: prototypeOfAll, configurable: true, writable: true });
    await call({ port, path: '/defined' });
    await finished(SERVER, 3);
  });

  it('are ended once, although their `emit` is looked up again', async () => {
    const port = await serve((_request, response) => {
      response.on('close', () => {
        for (let i = 0; i < 3; i += 1)
          expect(Reflect.get(response, 'emit')).toBe(Reflect.get(EventEmitter.prototype, 'emit'));
      });
      response.end();
    });
    await call({ port });
    await finished(SERVER);
    expect(await countOf('http.server.request.duration')).toBe(1);
  });

  it('believe the proxy in front about host, scheme and client', async () => {
    const port = await serve((_request, response) => response.end());
    await call({
      port,
      headers: { forwarded: 'for="[2001:db8::1]:4711";host=shop.example:8443;proto=HTTPS, for=10.0.0.1' },
    });
    await call({
      port,
      headers: {
        'x-forwarded-for': '192.0.2.1, 10.0.0.1',
        'x-forwarded-host': 'shop.example',
        'x-forwarded-proto': 'https',
      },
    });
    const [first, second] = await finished(SERVER, 2);
    expect(first?.attributes).toMatchObject({
      'client.address': '2001:db8::1',
      'server.address': 'shop.example',
      'server.port': 8443,
      'url.scheme': 'https',
    });
    expect(second?.attributes).toMatchObject({
      'client.address': '192.0.2.1',
      'server.address': 'shop.example',
      'url.scheme': 'https',
    });
  });

  it('with a method of their own are HTTP', async () => {
    const server = http.createServer((_request, response) => response.end());
    const port = await listen(server);
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write('PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await onlySpan(SERVER)).toMatchObject({
      name: 'HTTP',
      attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' },
    });
  });

  it('for a target in absolute form, have its host, path and query', async () => {
    const port = await serve((_request, response) => response.end());
    await call({ port, path: 'http://user:secret@shop.example:8080/orders?id=7' });
    expect((await onlySpan(SERVER)).attributes).toMatchObject({
      'url.scheme': 'http',
      'url.path': '/orders',
      'url.query': 'id=7',
      'server.address': 'shop.example',
      'server.port': 8080,
    });
  });

  it('for the server as a whole (OPTIONS *), have no path', async () => {
    const port = await serve((_request, response) => response.end());
    await call({ port, method: 'OPTIONS', path: '*' });
    expect((await onlySpan(SERVER)).attributes).toMatchObject({ 'url.path': '', 'server.port': port });
    expect((await onlySpan(CLIENT)).attributes['url.full']).toBe(`http://127.0.0.1:${port}`);
  });

  it('make one series of durations, whatever clients write into their headers', async () => {
    const port = await serve((_request, response) => response.end());
    for (let i = 0; i < 20; i += 1) {
      const headers = { 'x-forwarded-proto': `s${i}`, 'x-forwarded-host': `h${i}`, 'x-forwarded-for': `192.0.2.${i}` };
      await call({ port, headers: { ...headers, host: `shop-${i}.example` } });
    }
    await finished(SERVER, 20);
    const served = (await durations()).filter((point) => JSON.stringify(point).includes('http.server'));
    expect(served).toHaveLength(1);
  });

  it('whose proxies know no client and no host are told by connection and Host header', async () => {
    const port = await serve((_request, response) => response.end());
    await call({ port, headers: { 'x-forwarded-for': 'unknown', 'x-forwarded-host': '[::1' } });
    expect((await onlySpan(SERVER)).attributes).toMatchObject({
      'client.address': '127.0.0.1',
      'server.address': '127.0.0.1',
      'server.port': port,
    });
  });

  it.each(['x-forwarded-proto', 'forwarded'])(
    'have a scheme of HTTP, whatever a client writes into %s',
    async (header) => {
      const port = await serve((_request, response) => response.end());
      await call({ port, headers: { [header]: header === 'forwarded' ? 'proto=random-1' : 'random-1' } });
      expect((await onlySpan(SERVER)).attributes['url.scheme']).toBe('http');
    },
  );

  it('over TLS are https', async () => {
    const tls = { key: readFileSync(serverCertificate.key), cert: readFileSync(serverCertificate.cert) };
    const port = await listen(https.createServer(tls, (_request, response) => response.end()));
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      https.get({ port, host: '127.0.0.1', ca: readFileSync(authority), agent: false }, resolve).on('error', reject);
    });
    response.resume();
    expect((await onlySpan(SERVER)).attributes['url.scheme']).toBe('https');
    expect((await onlySpan(CLIENT)).attributes['url.full']).toBe(`https://127.0.0.1:${port}/`);
  });
});

describe('outgoing requests', () => {
  it('are spans with the attributes of semantic conventions, propagate, and have a duration', async () => {
    let headers: IncomingHttpHeaders = {};
    const port = await serve((request, response) => {
      ({ headers } = request);
      response.end();
    });
    await tracer.startActiveSpan('parent', async (parent) => {
      await call({ port, path: '/stock?Signature=secret&n=1' });
      parent.end();
    });
    const span = await onlySpan(CLIENT);
    expect(span).toMatchObject({ name: 'GET', status: { code: SpanStatusCode.UNSET } });
    expect(span.attributes).toEqual({
      'http.request.method': 'GET',
      'server.address': '127.0.0.1',
      'server.port': port,
      'url.full': `http://127.0.0.1:${port}/stock?Signature=REDACTED&n=1`,
      'http.response.status_code': 200,
      'network.protocol.version': '1.1',
      'network.peer.address': '127.0.0.1',
      'network.peer.port': port,
    });
    expect(headers['traceparent']).toBe(`00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`);
    expect(span.parentSpanContext?.spanId).toBe(
      spans
        .getFinishedSpans()
        .find(({ name }) => name === 'parent')
        ?.spanContext().spanId,
    );
    expect(await durations()).toContainEqual([
      'http.client.request.duration',
      's',
      {
        'http.request.method': 'GET',
        'server.address': '127.0.0.1',
        'server.port': port,
        'http.response.status_code': 200,
        'network.protocol.version': '1.1',
      },
    ]);
  });

  it('that fail are errors: by the answer, by the connection', async () => {
    const port = await serve((_request, response) => response.writeHead(404).end());
    await call({ port });
    await expect(call({ port: 1 })).rejects.toThrow('ECONNREFUSED');
    const [answered, refused] = await finished(CLIENT, 2);
    expect(answered).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': '404' } });
    expect(refused).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: expect.stringContaining('ECONNREFUSED') },
      attributes: { 'error.type': 'ECONNREFUSED', 'server.port': 1 },
    });
  });

  it.each<[string, http.OutgoingHttpHeaders | readonly string[]]>([
    ['an array', ['x-own', '1', 'host', 'a']],
    ['an array that has a traceparent', ['x-own', '1', 'host', 'a', 'Traceparent', 'of the application']],
    ['an object with Expect', { 'x-own': '1', host: 'a', expect: '100-continue' }],
    ['an array with Expect', ['x-own', '1', 'host', 'a', 'expect', '100-continue']],
  ])('whose headers were given as %s propagate, too', async (_title, headers) => {
    let received: Pick<http.IncomingMessage, 'headers' | 'rawHeaders'> | undefined;
    const port = await serve((request, response) => {
      received = request;
      request.pipe(response);
    });
    const request = http.request({ port, host: '127.0.0.1', agent: false, method: 'POST', headers });
    const body = new Promise((resolve, reject) => {
      request.on('error', reject).on('response', (response) => {
        response.setEncoding('utf8').on('data', resolve);
      });
    });
    request.end('a body');
    expect(await body).toBe('a body');
    const { traceId, spanId } = (await onlySpan(CLIENT)).spanContext();
    expect(received?.headers).toMatchObject({
      'x-own': '1',
      host: 'a',
      traceparent: `00-${traceId}-${spanId}-01`,
    });
    expect(received?.rawHeaders.filter((name) => name.toLowerCase() === 'traceparent')).toHaveLength(1);
    expect((await onlySpan(SERVER)).parentSpanContext?.spanId).toBe(spanId);
  });

  it.each([
    ['a Host header by hand', { headers: { host: 'shop.example' } }],
    ['a Host header by hand of the same host', { headers: { host: '127.0.0.1:9' } }],
    ['headers as an array', { headers: ['host', 'shop.example'] }],
    ['setHost: false', { setHost: false }],
  ])('with %s are told by where the connection goes', async (_title, options) => {
    const server = http.createServer({ requireHostHeader: false }, (_request, response) => response.end());
    const port = await listen(server);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    // Over a new connection, then one after the other, having waited, over the same.
    await Promise.all([call({ port, agent, ...options }), call({ port, agent, ...options })]);
    await call({ port, agent, ...options });
    for (const { attributes } of await finished(CLIENT, 3)) {
      expect(attributes).toMatchObject({
        'server.address': '127.0.0.1',
        'server.port': port,
        'url.full': `http://127.0.0.1:${port}/`,
      });
    }
  });

  it('over a socket of the file system have its path as address, and no port', async () => {
    const folder = await temporaryFolder();
    const socketPath = join(folder, 'server.sock');
    const server = http.createServer((_request, response) => response.end()).listen(socketPath);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    await call({ host: undefined, socketPath, path: '/stock' });
    const { attributes } = await onlySpan(CLIENT);
    expect(attributes).toMatchObject({
      'server.address': socketPath,
      'url.full': 'http://localhost/stock',
      'network.peer.address': socketPath,
    });
    expect(attributes).not.toHaveProperty('server.port');
  });

  it.each([
    ['http://shop.example/a?sig=1&n=2', 'http://shop.example/a?sig=REDACTED&n=2', 80],
    ['https://shop.example', 'https://shop.example/', 443],
    ['http://user:secret@shop.example:8080/a', 'http://REDACTED:REDACTED@shop.example:8080/a', 8080],
  ])('for %s, the target of a proxy, are told by the target', async (path, url, targetPort) => {
    const port = await serve((_request, response) => response.end());
    await call({ port, path });
    expect((await onlySpan(CLIENT)).attributes).toMatchObject({
      'server.address': 'shop.example',
      'server.port': targetPort,
      'url.full': url,
      'network.peer.port': port,
    });
  });

  it('through a proxy that Node itself goes through, are told by what was asked for', async () => {
    const proxy = await startProxy();
    const port = await serve((_request, response) => response.writeHead(204).end());
    // Newer than the types.
    const options: http.AgentOptions & { readonly proxyEnv: object } = { proxyEnv: { HTTP_PROXY: proxy.url } };
    const agent = new http.Agent(options);
    onTestFinished(() => agent.destroy());
    await call({ port, agent, path: '/stock' });
    expect(proxy.asked).toEqual([`GET http://127.0.0.1:${port}/stock`]);
    const told = (await finished(CLIENT, 2)).map(({ attributes }) => attributes['url.full']);
    // The proxy is in this process, too: the second request is its own.
    expect(told).toEqual([`http://127.0.0.1:${port}/stock`, `http://127.0.0.1:${port}/stock`]);
  });

  it('of CONNECT have the authority that is asked for in their URL', async () => {
    const server = http.createServer();
    server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    const port = await listen(server);
    const request = http.request({
      port,
      host: '127.0.0.1',
      agent: false,
      method: 'CONNECT',
      path: 'shop.example:443',
    });
    request.on('connect', (_response, socket) => socket.destroy()).end();
    expect(await onlySpan(CLIENT)).toMatchObject({
      name: 'CONNECT',
      attributes: { 'server.address': '127.0.0.1', 'server.port': port, 'url.full': 'http://shop.example:443' },
    });
  });

  it('that the caller aborts are no errors, but for a timeout', async () => {
    let requests = 0;
    const port = await serve(() => (requests += 1));
    const controller = new AbortController();
    const aborted = call({ port, signal: controller.signal });
    await waitFor(() => requests === 1, 'the request');
    controller.abort();
    await expect(aborted).rejects.toThrow('aborted');
    await expect(call({ port, signal: AbortSignal.timeout(1) })).rejects.toThrow('aborted');
    const [first, second] = await finished(CLIENT, 2);
    expect(first?.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(first?.attributes).not.toHaveProperty('error.type');
    expect(second).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'The operation was aborted' },
      attributes: { 'error.type': 'TimeoutError' },
    });
  });

  describe('that the caller gives up', () => {
    /** Destroys a request, by what is given, once the server has it. */
    async function giveUp(stop: (request: http.ClientRequest) => void): Promise<ReadableSpan> {
      let requests = 0;
      const port = await serve(() => (requests += 1));
      const request = http.get({ port, host: '127.0.0.1', agent: false });
      request.on('error', () => {});
      await waitFor(() => requests === 1, 'the request');
      stop(request);
      return onlySpan(CLIENT);
    }

    it.each<[string, (request: http.ClientRequest) => void]>([
      ['destroy()', (request) => request.destroy()],
      ['the end of its connection', (request) => request.socket?.destroy()],
    ])('by %s are no errors', async (_title, stop) => {
      const { status, attributes } = await giveUp(stop);
      expect([status, attributes['error.type']]).toEqual([{ code: SpanStatusCode.UNSET }, undefined]);
    });

    it('before there is a connection are no errors', async () => {
      http
        .get({ port: 1, host: '127.0.0.1', agent: false })
        .on('error', () => {})
        .destroy();
      const { status, attributes } = await onlySpan(CLIENT);
      expect([status, attributes['error.type']]).toEqual([{ code: SpanStatusCode.UNSET }, undefined]);
    });

    it.each([
      ['an error', new RangeError('too slow'), 'RangeError', 'too slow'],
      ['an error with a code', Object.assign(new Error('too slow'), { code: 'ETIMEDOUT' }), 'ETIMEDOUT', 'too slow'],
      ['an error of another realm', runInNewContext('new RangeError("too slow")'), 'RangeError', 'too slow'],
      ['a text', 'too slow', '_OTHER', 'too slow'],
      ['a timeout', new DOMException('too slow', 'TimeoutError'), 'TimeoutError', 'too slow'],
    ])('and say by %s that it is an error, are errors', async (_title, error, type, message) => {
      const { status, attributes } = await giveUp((request) => request.destroy(error));
      expect([status, attributes['error.type']]).toEqual([{ code: SpanStatusCode.ERROR, message }, type]);
    });

    it.each([
      ['an error of its own', new Error('mine')],
      ['an error of another realm', runInNewContext('new Error("mine")')],
      ['a text', 'mine'],
    ])('by a signal whose reason is %s are no errors', async (_title, reason) => {
      let requests = 0;
      const port = await serve(() => (requests += 1));
      const controller = new AbortController();
      http.get({ port, host: '127.0.0.1', agent: false, signal: controller.signal }).on('error', () => {});
      await waitFor(() => requests === 1, 'the request');
      controller.abort(reason);
      const { status, attributes } = await onlySpan(CLIENT);
      expect([status, attributes['error.type']]).toEqual([{ code: SpanStatusCode.UNSET }, undefined]);
    });
  });

  it('whose connection fails with what is no error of this realm are errors all the same', async () => {
    const port = await serve(() => {});
    for (const thrown of [runInNewContext('Object.assign(new Error("gone"), { code: "EGONE" })'), 'gone']) {
      const createConnection = (): Duplex => {
        const socket = connect(port, '127.0.0.1');
        return socket.on('connect', () => setImmediate(() => socket.destroy(thrown)));
      };
      await expect(call({ port, agent: undefined, createConnection })).rejects.toBe(thrown);
    }
    const told = (await finished(CLIENT, 2)).map(({ status, attributes }) => [
      status.message,
      attributes['error.type'],
    ]);
    expect(told).toEqual([
      ['gone', 'EGONE'],
      ['gone', '_OTHER'],
    ]);
  });

  it('go out, and are told, without a header that HTTP does not allow', async () => {
    propagateWhatHttpDoesNotAllow();
    let headers: IncomingHttpHeaders = {};
    const port = await serve((request, response) => {
      ({ headers } = request);
      response.end();
    });
    await call({ port });
    await call({ port, headers: { expect: '100-continue' } });
    const told = await finished(CLIENT, 2);
    expect(headers['traceparent']).toContain(told.at(-1)?.spanContext().spanId);
    expect(headers).not.toHaveProperty('baggage');
  });

  it('whose answer is cut off are errors, unless the application gave up', async () => {
    const port = await serve((request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half', () => {
        if (request.url === '/cut') request.socket.destroy();
      });
    });
    await expect(
      new Promise((resolve, reject) => {
        http.get({ port, host: '127.0.0.1', agent: false, path: '/cut' }, (response) => {
          response.on('error', reject).resume().on('end', resolve);
        });
      }),
    ).rejects.toThrow('aborted');
    for (const stop of ['request', 'response'] as const) {
      const request = http.get({ port, host: '127.0.0.1', agent: false }, (response) => {
        response.on('error', () => {}).once('data', () => (stop === 'request' ? request : response).destroy());
      });
      await once(request, 'close');
    }
    const [cut, ...others] = await finished(CLIENT, 3);
    expect(cut).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'aborted' },
      attributes: { 'error.type': 'ECONNRESET', 'http.response.status_code': 200 },
    });
    for (const { status, attributes } of others) {
      expect(status).toEqual({ code: SpanStatusCode.UNSET });
      expect(attributes).not.toHaveProperty('error.type');
    }
  });

  it('their callbacks run in the context of who called', async () => {
    const port = await serve((_request, response) => response.end('x'));
    await tracer.startActiveSpan('parent', async (parent) => {
      const active = await new Promise((resolve) => {
        http.get({ port, host: '127.0.0.1', agent: false }, (response) =>
          response.on('data', () => {}).on('end', () => resolve(trace.getActiveSpan())),
        );
      });
      expect(active).toBe(parent);
      parent.end();
    });
  });

  it('are left alone where tracing is suppressed', async () => {
    let headers: IncomingHttpHeaders = {};
    const port = await serve((request, response) => {
      ({ headers } = request);
      response.end();
    });
    await context.with(suppressTracing(context.active()), () => call({ port }));
    await onlySpan(SERVER);
    expect(headers).not.toHaveProperty('traceparent');
    expect(spans.getFinishedSpans().filter(({ kind }) => kind === CLIENT)).toEqual([]);
  });
});
