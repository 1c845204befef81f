import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2Server,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { request as requestByHttp1 } from 'node:https';
import type { AddressInfo } from 'node:net';
import { context, trace } from '@opentelemetry/api';
import { getRPCMetadata, suppressTracing } from '@opentelemetry/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serverCertificate } from '../../../support/certificates.ts';
import { CLIENT, countOf, durations, finished, onlySpan, SERVER, spans, tracer } from './instrumented.ts';

const SECRET = 'swordfish';
const tls = { key: readFileSync(serverCertificate.key), cert: readFileSync(serverCertificate.cert) };

async function listen(server: Http2Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return isAddress(address) ? address.port : 0;
}

const isAddress = (address: string | AddressInfo | null): address is AddressInfo =>
  typeof address === 'object' && address !== null;

function connect(port: number): ClientHttp2Session {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  return session;
}

/** Status and body; the status is undefined if the stream was reset. */
async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body = ''): Promise<[unknown, string]> {
  const stream = session.request(headers, { endStream: false });
  let status: unknown;
  let text = '';
  stream.on('response', (received) => (status = received[':status']));
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  stream.on('error', () => {});
  stream.end(body);
  await closed(stream);
  return [status, text];
}

/** Unlike `once()`, also after an error. */
const closed = (stream: ClientHttp2Stream): Promise<void> => new Promise((resolve) => void stream.on('close', resolve));

const activeName = (): unknown => {
  const span = trace.getActiveSpan();
  return span !== undefined && 'name' in span ? span.name : undefined;
};

describe('a server', () => {
  it('has the spans and durations of node:http, in the trace of its client, without secrets', async () => {
    const port = await listen(http2.createServer((_request, response) => void response.end('hello')));
    const answer = await ask(connect(port), {
      ':path': `/orders/7?sig=${SECRET}&a=b`,
      traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
      'user-agent': 'test',
      'x-forwarded-for': '203.0.113.7:5',
    });
    const [span] = await finished(SERVER);
    expect({ answer, name: span?.name, parent: span?.parentSpanContext?.spanId, attributes: span?.attributes }).toEqual(
      {
        answer: [200, 'hello'],
        name: 'GET',
        parent: '2'.repeat(16),
        attributes: {
          'http.request.method': 'GET',
          'url.scheme': 'http',
          'url.path': '/orders/7',
          'url.query': 'sig=REDACTED&a=b',
          'server.address': '127.0.0.1',
          'server.port': port,
          'network.peer.address': '127.0.0.1',
          'network.peer.port': expect.any(Number),
          'client.address': '203.0.113.7',
          'user_agent.original': 'test',
          'network.protocol.version': '2',
          'http.response.status_code': 200,
        },
      },
    );
    expect(await durations()).toContainEqual([
      'http.server.request.duration',
      's',
      {
        'http.request.method': 'GET',
        'url.scheme': 'http',
        'network.protocol.version': '2',
        'http.response.status_code': 200,
      },
    ]);
  });

  it('runs all listeners of a request in the context of its span, also where requests overlap', async () => {
    const seen: Record<string, unknown[]> = {};
    const port = await listen(
      http2.createServer((request, response) => {
        const path = request.url;
        const mine = trace.getActiveSpan()?.spanContext().spanId;
        const note = (event: string): void => {
          const isMine = trace.getActiveSpan()?.spanContext().spanId === mine && mine !== undefined;
          (seen[path] ??= []).push(isMine ? event : `${event} elsewhere`);
        };
        request.on('data', () => note('data'));
        request.on('end', () => {
          note('end');
          setTimeout(() => response.end('x'), 5);
        });
        response.on('finish', () => note('finish'));
        response.on('close', () => note('close'));
      }),
    );
    const session = connect(port);
    await Promise.all(['/a', '/b', '/c'].map((path) => ask(session, { ':path': path, ':method': 'POST' }, 'body')));
    await finished(SERVER, 3);
    const all = ['data', 'end', 'finish', 'close'];
    expect(seen).toEqual({ '/a': all, '/b': all, '/c': all });
  });

  it('by streams has them too, with the route that a framework tells', async () => {
    const server = http2.createServer();
    const seen: unknown[] = [];
    server.on('stream', (stream) => {
      seen.push(activeName());
      const rpc = getRPCMetadata(context.active());
      if (rpc !== undefined) Object.assign(rpc, { route: '/orders/:id' });
      stream.respond({ ':status': 503 });
      stream.end();
    });
    const port = await listen(server);
    await ask(connect(port), { ':path': '/orders/7' });
    expect({ seen, span: await onlySpan(SERVER) }).toMatchObject({
      seen: ['GET'],
      span: {
        name: 'GET /orders/:id',
        attributes: { 'http.route': '/orders/:id', 'http.response.status_code': 503, 'error.type': '503' },
        status: { code: 2 },
      },
    });
  });

  it.each([
    ['resets', http2.constants.NGHTTP2_INTERNAL_ERROR, 'ERR_HTTP2_STREAM_ERROR'],
    ['cancels', http2.constants.NGHTTP2_CANCEL, undefined],
  ])('that %s a stream has a span with the error that Node has', async (_title, code, type) => {
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.close(code);
    });
    await ask(connect(await listen(server)), { ':path': '/' });
    const { attributes } = await onlySpan(SERVER);
    expect(attributes['error.type']).toBe(type);
  });

  it('with allowHTTP1 has one span for a request by HTTP/1', async () => {
    const server = http2.createSecureServer({ ...tls, allowHTTP1: true }, (_request, response) => void response.end());
    const port = await listen(server);
    const request = requestByHttp1({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false }).end();
    const [response] = await once(request, 'response');
    response.resume();
    await once(request, 'close');
    const span = await onlySpan(SERVER);
    expect([span.attributes['network.protocol.version'], span.attributes['url.scheme']]).toEqual(['1.1', 'https']);
  });
});

describe('a client', () => {
  it('has a span and a duration as node:http has, without secrets', async () => {
    const port = await listen(http2.createServer((_request, response) => void response.writeHead(404).end()));
    const parent = tracer.startSpan('parent');
    await context.with(trace.setSpan(context.active(), parent), () =>
      ask(connect(port), { ':path': `/a?sig=${SECRET}`, ':method': 'POST' }, 'body'),
    );
    const span = await onlySpan(CLIENT);
    expect({
      name: span.name,
      parent: span.parentSpanContext?.spanId,
      attributes: span.attributes,
      status: span.status.code,
    }).toEqual({
      name: 'POST',
      parent: parent.spanContext().spanId,
      attributes: {
        'http.request.method': 'POST',
        'server.address': '127.0.0.1',
        'server.port': port,
        'url.full': `http://127.0.0.1:${port}/a?sig=REDACTED`,
        'network.peer.address': '127.0.0.1',
        'network.peer.port': port,
        'network.protocol.version': '2',
        'http.response.status_code': 404,
        'error.type': '404',
      },
      status: 2,
    });
    expect(await countOf('http.client.request.duration')).toBe(1);
  });

  it('has one for each request of a session', async () => {
    const session = connect(await listen(http2.createServer((_request, response) => void response.end())));
    await ask(session, { ':path': '/1' });
    await ask(session, { ':path': '/2' });
    const found = await finished(CLIENT, 2);
    expect(found.map(({ attributes }) => String(attributes['url.full']).slice(-2))).toEqual(['/1', '/2']);
  });

  it('that gives a stream up has not failed, one that cannot connect has', async () => {
    const server = http2.createServer(() => {});
    const session = connect(await listen(server));
    const controller = new AbortController();
    const stream = session.request({ ':path': '/' }, { signal: controller.signal });
    stream.on('error', () => {});
    await once(stream, 'ready');
    controller.abort();
    await closed(stream);
    const given = await onlySpan(CLIENT);
    const refused = http2.connect('http://127.0.0.1:1').on('error', () => {});
    await ask(refused, { ':path': '/' });
    const [, failed] = await finished(CLIENT, 2);
    expect([given.attributes['error.type'], failed?.attributes['error.type']]).toEqual([
      undefined,
      'ERR_HTTP2_STREAM_CANCEL',
    ]);
  });

  it('where tracing is suppressed has none', async () => {
    const session = connect(await listen(http2.createServer((_request, response) => void response.end())));
    await context.with(suppressTracing(context.active()), () => ask(session, { ':path': '/' }));
    await finished(SERVER);
    expect(spans.getFinishedSpans().filter(({ kind }) => kind === CLIENT)).toEqual([]);
  });
});
