import { channel } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders, IncomingMessage, RequestListener } from 'node:http';
import { runInNewContext } from 'node:vm';
import { context, SpanStatusCode } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../../support/free-port.ts';
import { waitFor } from '../../../support/wait-for.ts';
import {
  CLIENT,
  durations,
  onlySpan,
  propagateWhatHttpDoesNotAllow,
  serve,
  SERVER,
  spans,
  tracer,
} from './instrumented.ts';

const UNSET = { code: SpanStatusCode.UNSET };

/** Half a response, and nothing at all for /silent. Counts what it got. */
async function serveHalf(): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const port = await serve((request, response) => {
    requests += 1;
    if (request.url === '/silent') return;
    response.writeHead(200, { 'content-length': 10 });
    response.write('half', () => {
      if (request.url === '/cut') request.socket.destroy();
    });
  });
  return { url: `http://127.0.0.1:${port}`, requests: () => requests };
}

/** What a request to `serve` brings, and the headers that arrived. */
async function exchange(path: string, init?: RequestInit, answer?: RequestListener) {
  let received: Pick<IncomingMessage, 'headers' | 'rawHeaders'> | undefined;
  const port = await serve((request, response) => {
    received = request;
    if (answer === undefined) response.end();
    else answer(request, response);
  });
  await (await fetch(`http://127.0.0.1:${port}${path}`, init)).text();
  return { port, received, span: await onlySpan(CLIENT) };
}

describe('a fetch', () => {
  it('is told as a request of node:http is: span, headers, duration', async () => {
    const { port, received, span } = await tracer.startActiveSpan('parent', async (parent) => {
      const exchanged = await exchange('/stock?n=1', { method: 'POST', body: 'a body' });
      parent.end();
      expect(exchanged.span.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
      return exchanged;
    });
    expect(span).toMatchObject({ name: 'POST', status: UNSET, events: [] });
    expect(span.attributes).toEqual({
      'http.request.method': 'POST',
      'server.address': '127.0.0.1',
      'server.port': port,
      'url.full': `http://127.0.0.1:${port}/stock?n=1`,
      'http.response.status_code': 200,
      'network.protocol.version': '1.1',
      'network.peer.address': '127.0.0.1',
      'network.peer.port': port,
    });
    const { traceId, spanId } = span.spanContext();
    expect(received?.headers['traceparent']).toBe(`00-${traceId}-${spanId}-01`);
    expect(await durations()).toContainEqual([
      'http.client.request.duration',
      's',
      {
        'http.request.method': 'POST',
        'server.address': '127.0.0.1',
        'server.port': port,
        'http.response.status_code': 200,
        'network.protocol.version': '1.1',
      },
    ]);
  });

  it.each([
    ['/o?X-Amz-Signature=S&sig=T&n=1', '/o?X-Amz-Signature=REDACTED&sig=REDACTED&n=1'],
    ['/o?Signature=S&AWSAccessKeyId=T', '/o?Signature=REDACTED&AWSAccessKeyId=REDACTED'],
    ['/o?X-Goog-Signature=S&a=/?sig=T', '/o?X-Goog-Signature=REDACTED&a=/?sig=T'],
    ['/o?si%67=S&%E0=T', '/o?si%67=REDACTED&%E0=T'],
    ['/o#sig=1', '/o'],
    ['//', '//'],
    ['//orders/1', '//orders/1'],
    ['//user:secret@orders/?sig=1', '//user:secret@orders/?sig=REDACTED'],
  ])('of %s has that URL, without its secrets', async (path, told) => {
    const { port, span } = await exchange(path);
    expect(span.attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'url.full': `http://127.0.0.1:${port}${told}`,
    });
    expect(span.attributes).not.toHaveProperty(['url.query']);
  });

  it('has one traceparent, also where the application gave one', async () => {
    const { received, span } = await exchange('/', { headers: { Traceparent: 'of the application', 'x-own': '1' } });
    const names = received?.rawHeaders.filter((name) => name.toLowerCase() === 'traceparent');
    expect(names).toHaveLength(1);
    expect(received?.headers).toMatchObject({
      traceparent: expect.stringContaining(span.spanContext().spanId),
      'x-own': '1',
    });
  });

  it.each<[string, unknown, (traceparent: string) => unknown]>([
    [
      'a text (undici 5)',
      'x-own: 1\r\nTraceparent: own\r\nx-more: 2\r\n',
      (traceparent) => `x-own: 1\r\nx-more: 2\r\ntraceparent: ${traceparent}\r\n`,
    ],
    [
      'an array (undici 6.0)',
      ['x-own', '1', 'Traceparent', 'own', 'x-more', ['2', '3']],
      (traceparent) => ['x-own', '1', 'x-more', ['2', '3'], 'traceparent', traceparent],
    ],
  ])('has one traceparent where headers are %s and cannot be added', async (_title, headers, expected) => {
    const request = { method: 'GET', path: '/', origin: new URL('http://shop.example/'), headers };
    channel('undici:request:create').publish({ request });
    channel('undici:request:trailers').publish({ request });
    const { traceId, spanId } = (await onlySpan(CLIENT)).spanContext();
    expect(request.headers).toEqual(expected(`00-${traceId}-${spanId}-01`));
  });

  it.each([
    ['a WebSocket', { method: 'GET', path: '/', origin: 'http://a', headers: [], upgrade: 'websocket' }],
    ['a tunnel', { method: 'CONNECT', path: 'a:443', origin: 'http://proxy', headers: [] }],
    ['an origin that is none', { method: 'GET', path: '/', origin: 'nowhere', headers: [] }],
    ['another scheme', { method: 'GET', path: '/', origin: 'ftp://a', headers: [] }],
    ['no request', {}],
    ['nothing', undefined],
  ])('that is %s is left alone', (_title, request) => {
    for (const event of ['create', 'headers', 'trailers', 'error']) {
      channel(`undici:request:${event}`).publish({ request });
    }
    expect(spans.getFinishedSpans()).toEqual([]);
  });

  it('that is redirected is a request each time', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/first') response.writeHead(302, { location: '/second' });
      response.end();
    });
    await (await fetch(`http://127.0.0.1:${port}/first`)).text();
    await waitFor(() => spans.getFinishedSpans().length === 4, 'all four spans');
    const told = spans.getFinishedSpans().filter(({ kind }) => kind === CLIENT);
    expect(told.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([302, 200]);
    for (const span of told) {
      expect(span.status).toEqual(UNSET);
      const served = spans
        .getFinishedSpans()
        .filter(({ parentSpanContext }) => parentSpanContext?.spanId === span.spanContext().spanId);
      expect(served.map(({ kind }) => kind)).toEqual([SERVER]);
    }
  });

  it('goes out without the headers that HTTP does not allow, and with the others', async () => {
    propagateWhatHttpDoesNotAllow();
    const { received, span } = await exchange('/');
    expect(received?.headers['traceparent']).toContain(span.spanContext().spanId);
    expect(received?.headers).not.toHaveProperty('baggage');
    expect(received?.headers).not.toHaveProperty('x-empty');
  });

  it('is left alone where tracing is suppressed', async () => {
    let headers: IncomingHttpHeaders = {};
    const port = await serve((request, response) => {
      ({ headers } = request);
      response.end();
    });
    await context.with(suppressTracing(context.active()), () => fetch(`http://127.0.0.1:${port}/`));
    await onlySpan(SERVER);
    expect(headers).not.toHaveProperty('traceparent');
    expect(spans.getFinishedSpans().filter(({ kind }) => kind === CLIENT)).toEqual([]);
  });

  it('of an unusual method keeps the attribute low', async () => {
    const { span } = await exchange('/', { method: 'purge' });
    expect(span).toMatchObject({
      name: 'HTTP',
      attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'purge' },
    });
  });
});

describe('a fetch that fails', () => {
  it('by its answer is an error of that status', async () => {
    const { span } = await exchange('/', {}, (_request, response) => response.writeHead(404).end());
    expect(span).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': '404' } });
  });

  it('by its connection is an error of that code', async () => {
    const port = await freePort();
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
    const { status, attributes } = await onlySpan(CLIENT);
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: expect.stringContaining('ECONNREFUSED') });
    expect(attributes).toMatchObject({ 'error.type': 'ECONNREFUSED', 'server.port': port });
    expect(await durations()).toContainEqual([
      'http.client.request.duration',
      's',
      {
        'http.request.method': 'GET',
        'server.address': '127.0.0.1',
        'server.port': port,
        'error.type': 'ECONNREFUSED',
      },
    ]);
  });

  it('after an informational response, and before the final one, has no status', async () => {
    const port = await serve((request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => request.socket.destroy());
    });
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
    const { attributes } = await onlySpan(CLIENT);
    expect(attributes['error.type']).toBe('UND_ERR_SOCKET');
    expect(attributes).not.toHaveProperty('http.response.status_code');
  });

  it('within its answer is an error', async () => {
    const { url } = await serveHalf();
    await expect(fetch(`${url}/cut`).then((response) => response.text())).rejects.toThrow('terminated');
    expect(await onlySpan(CLIENT)).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'other side closed' },
      attributes: { 'error.type': 'UND_ERR_SOCKET', 'http.response.status_code': 200 },
    });
  });

  it.each(['/silent', '/half'])('by a timeout (%s) is a TimeoutError', async (path) => {
    const { url } = await serveHalf();
    const signal = AbortSignal.timeout(100);
    await expect(fetch(`${url}${path}`, { signal }).then((response) => response.text())).rejects.toThrow('timeout');
    expect(await onlySpan(CLIENT)).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: expect.stringContaining('timeout') },
      attributes: { 'error.type': 'TimeoutError' },
    });
  });

  it('by the body that the application gives is an error', async () => {
    const { url } = await serveHalf();
    const body = new ReadableStream({
      pull() {
        throw new RangeError('no more');
      },
    });
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' };
    await expect(fetch(`${url}/silent`, init)).rejects.toThrow('fetch failed');
    expect(await onlySpan(CLIENT)).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'no more' },
      attributes: { 'error.type': 'RangeError' },
    });
  });
});

describe('a fetch that its caller cancels is no error', () => {
  const reasons: readonly (readonly [string, unknown])[] = [
    ['the default reason', undefined],
    ['an error of its own', new Error('changed my mind')],
    ['an error of another realm', runInNewContext('new Error("changed my mind")')],
    ['a text', 'changed my mind'],
    ['null', null],
  ];

  it.each(reasons)('aborted with %s before the answer', async (_title, reason) => {
    const { url, requests } = await serveHalf();
    const controller = new AbortController();
    const response = fetch(`${url}/silent`, { signal: controller.signal });
    await waitFor(() => requests() === 1, 'the request');
    controller.abort(reason);
    await expect(response).rejects.toBe(controller.signal.reason);
    const { status, attributes } = await onlySpan(CLIENT);
    expect([status, attributes['error.type']]).toEqual([UNSET, undefined]);
  });

  it.each(reasons)('aborted with %s within the answer', async (_title, reason) => {
    const { url } = await serveHalf();
    const controller = new AbortController();
    const response = await fetch(`${url}/half`, { signal: controller.signal });
    controller.abort(reason);
    const read = response.text().then(
      () => 'read',
      () => 'aborted',
    );
    expect(await read).toBe('aborted');
    const { status, attributes } = await onlySpan(CLIENT);
    expect([status, attributes['error.type'], attributes['http.response.status_code']]).toEqual([
      UNSET,
      undefined,
      200,
    ]);
  });

  it.each(reasons)('its body cancelled with %s', async (_title, reason) => {
    const { url } = await serveHalf();
    const response = await fetch(`${url}/half`);
    await response.body?.cancel(reason);
    const { status, attributes } = await onlySpan(CLIENT);
    expect([status, attributes['error.type'], attributes['http.response.status_code']]).toEqual([
      UNSET,
      undefined,
      200,
    ]);
  });
});
