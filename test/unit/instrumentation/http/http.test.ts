import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getRPCMetadata, suppressTracing, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { instrumentIncomingHttp } from '../../../../src/instrumentation/http/incoming-http.ts';
import { instrumentOutgoingHttp } from '../../../../src/instrumentation/http/outgoing-http.ts';
import { authority, serverCertificate } from '../../../support/certificates.ts';
import { waitFor } from '../../../support/wait-for.ts';

const SERVER = 1;
const CLIENT = 2;

const spans = new InMemorySpanExporter();
const metrics = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }).getTracer('test');

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
instrumentIncomingHttp(tracer, meter);
instrumentOutgoingHttp(tracer, meter);

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return address.port;
}

const serve = (listener: RequestListener): Promise<number> => listen(http.createServer(listener));

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

const finished = (kind: number, count = 1): Promise<ReadableSpan[]> =>
  waitFor(() => {
    const found = spans.getFinishedSpans().filter((span) => span.kind === kind);
    return found.length === count ? found : undefined;
  }, `${count} spans of kind ${kind}`);

async function onlySpan(kind: number): Promise<ReadableSpan> {
  const [span] = await finished(kind);
  if (span === undefined) throw new Error('no span');
  return span;
}

/** Names and attributes of the data points recorded since the test began. */
async function durations(): Promise<unknown[]> {
  metrics.reset();
  await reader.forceFlush();
  return metrics
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes }) => [descriptor.name, descriptor.unit, attributes]),
    );
}

beforeEach(async () => {
  await durations();
  spans.reset();
});

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

  it('whose headers were given as an array go out as they are', async () => {
    let headers: IncomingHttpHeaders = {};
    const port = await serve((request, response) => {
      ({ headers } = request);
      response.end();
    });
    await call({ port, headers: ['x-own', '1', 'host', 'a'] });
    await onlySpan(CLIENT);
    expect(headers).toMatchObject({ 'x-own': '1' });
    expect(headers).not.toHaveProperty('traceparent');
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
