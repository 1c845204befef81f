import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { once } from 'node:events';
import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { authority, clientCertificate, otherAuthority, serverCertificate } from '../../support/certificates.ts';

const attributes = (record: Record<string, object>): object[] =>
  Object.entries(record).map(([key, value]) => ({ key, value }));

const spanOf = (name: string): object => ({
  name,
  traceId: '0a'.repeat(16),
  spanId: '0b'.repeat(8),
});

const traces = (...names: string[]): string =>
  JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: names.map(spanOf) }] }] });

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface PostOptions {
  readonly headers?: Record<string, string>;
  readonly agent?: Agent | TlsAgent;
  readonly signal?: AbortSignal;
}

function post(url: string, body: string | Uint8Array, options: PostOptions = {}): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const headers = { 'content-type': 'application/json', ...options.headers };
  const request = send(url, { ...options, method: 'POST', headers }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', reject);
    response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

test('records what it receives and acknowledges it', async () => {
  const backend = await startBackend();
  const body = traces('one', 'two');
  const reply = await post(`${backend.url}/v1/traces`, body, {
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-key': 'value' },
  });
  expect(reply).toMatchObject({
    status: 200,
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  await backend.waitFor(() => backend.acknowledgedSpans().length === 2);
  expect(backend.requests).toMatchObject([
    {
      method: 'POST',
      path: '/v1/traces',
      headers: { 'x-key': 'value' },
      contentType: 'application/json',
      encoding: 'identity',
      bytes: body.length,
      answered: 200,
      problem: undefined,
    },
  ]);
  expect(backend.spans().map(({ name }) => name)).toEqual(['one', 'two']);
});

test('spans with their resource, scope, events and links, every attribute as plain JavaScript', async () => {
  const backend = await startBackend();
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentSpanId: '00f067aa0ba902b7',
    name: 'GET /',
    kind: 2,
    startTimeUnixNano: '1700000000000000001',
    endTimeUnixNano: '1700000000000000002',
    attributes: attributes({
      text: { stringValue: 'x' },
      yes: { boolValue: true },
      whole: { intValue: '42' },
      wholeNumber: { intValue: 43 },
      big: { intValue: '9223372036854775807' },
      half: { doubleValue: 0.5 },
      notANumber: { doubleValue: 'NaN' },
      list: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }] } },
      map: { kvlistValue: { values: attributes({ in: { stringValue: 'side' } }) } },
      bytes: { bytesValue: 'AQI=' },
      empty: {},
    }),
    events: [
      {
        name: 'exception',
        timeUnixNano: '5',
        attributes: attributes({ 'exception.type': { stringValue: 'E' } }),
      },
    ],
    links: [{ traceId: '0b'.repeat(16), spanId: '0c'.repeat(8) }],
    status: { code: 2, message: 'broken' },
  };
  await post(
    `${backend.url}/v1/traces`,
    JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: attributes({ 'service.name': { stringValue: 'shop' } }) },
          scopeSpans: [{ scope: { name: 'http', version: '1.2.3' }, spans: [span] }],
        },
      ],
    }),
  );
  expect(backend.spans()).toEqual([
    {
      resource: { 'service.name': 'shop' },
      scope: { name: 'http', version: '1.2.3', attributes: {} },
      request: 0,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      parentSpanId: '00f067aa0ba902b7',
      traceState: '',
      name: 'GET /',
      kind: 2,
      startTimeUnixNano: 1700000000000000001n,
      endTimeUnixNano: 1700000000000000002n,
      attributes: {
        text: 'x',
        yes: true,
        whole: 42,
        wholeNumber: 43,
        big: 9223372036854775807n,
        half: 0.5,
        notANumber: NaN,
        list: ['a', 1],
        map: { in: 'side' },
        bytes: 'AQI=',
        empty: null,
      },
      droppedAttributesCount: 0,
      events: [{ name: 'exception', timeUnixNano: 5n, attributes: { 'exception.type': 'E' } }],
      droppedEventsCount: 0,
      links: [{ traceId: '0b'.repeat(16), spanId: '0c'.repeat(8), attributes: {} }],
      droppedLinksCount: 0,
      status: { code: 2, message: 'broken' },
    },
  ]);
});

test('log records and metrics', async () => {
  const backend = await startBackend();
  const logRecord = {
    eventName: 'exception',
    severityNumber: 21,
    body: { stringValue: 'boom' },
    timeUnixNano: '7',
  };
  await post(
    `${backend.url}/v1/logs`,
    JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [logRecord] }] }] }),
  );
  const metrics = [
    {
      name: 'requests',
      unit: '1',
      sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ asInt: '3' }] },
    },
    { name: 'load', gauge: { dataPoints: [{ asDouble: 0.5 }, { asDouble: 0.25 }] } },
    {
      name: 'time',
      histogram: {
        dataPoints: [{ count: '2', sum: 9, explicitBounds: [5], bucketCounts: ['1', '1'] }],
      },
    },
  ];
  await post(`${backend.url}/v1/metrics`, JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
  expect(backend.logRecords()).toMatchObject([
    { eventName: 'exception', severityNumber: 21, body: 'boom', timeUnixNano: 7n, request: 0 },
  ]);
  expect(backend.metrics()).toMatchObject([
    {
      name: 'requests',
      kind: 'sum',
      unit: '1',
      temporality: 2,
      monotonic: true,
      value: 3,
      request: 1,
    },
    { name: 'load', kind: 'gauge', value: 0.5 },
    { name: 'load', kind: 'gauge', value: 0.25 },
    {
      name: 'time',
      kind: 'histogram',
      count: 2,
      sum: 9,
      explicitBounds: [5],
      bucketCounts: [1, 1],
    },
  ]);
  await backend.waitFor(() => backend.acknowledgedLogRecords().length === 1);
});

test('gzip: the size on the wire, the content unpacked', async () => {
  const backend = await startBackend();
  const body = gzipSync(traces('packed'));
  await post(`${backend.url}/v1/traces`, body, { headers: { 'content-encoding': 'gzip' } });
  expect(backend.requests).toMatchObject([{ encoding: 'gzip', bytes: body.length }]);
  expect(backend.spans()).toMatchObject([{ name: 'packed' }]);
});

test('a body that cannot be decoded gets 400, another path 404, and neither uses up a behaviour', async () => {
  const backend = await startBackend({ kind: 'status', status: 503, times: 1 });
  expect(await post(`${backend.url}/v1/traces`, '{')).toMatchObject({ status: 400 });
  expect(await post(`${backend.url}/v1/profiles`, '{}')).toMatchObject({ status: 404 });
  expect(await post(`${backend.url}/v1/traces`, '', { headers: { 'content-type': 'text/plain' } })).toMatchObject({
    status: 400,
    body: expect.stringContaining('(got "text/plain")'),
  });
  expect(backend.describe()).toContain('SyntaxError');
  expect(await post(`${backend.url}/v1/traces`, traces())).toMatchObject({ status: 503 });
});

test('a status with Retry-After for the next two requests, then ok', async () => {
  const backend = await startBackend();
  backend.behave({ kind: 'status', status: 503, retryAfter: 1, message: 'busy', times: 2 });
  const busy = { status: 503, headers: { 'retry-after': '1' }, body: '{"message":"busy"}' };
  expect(await post(`${backend.url}/v1/traces`, traces('a'))).toMatchObject(busy);
  expect(await post(`${backend.url}/v1/traces`, traces('a'))).toMatchObject(busy);
  expect(await post(`${backend.url}/v1/traces`, traces('a'))).toMatchObject({ status: 200 });
  await backend.waitFor(() => backend.acknowledgedSpans().length > 0);
  expect(backend.spans()).toHaveLength(3);
  expect(backend.acknowledgedSpans()).toMatchObject([{ name: 'a', request: 2 }]);
});

test('partial success: the last items are not acknowledged', async () => {
  const backend = await startBackend({ kind: 'partial', rejected: 1, message: 'too old' });
  const { status, body } = await post(`${backend.url}/v1/traces`, traces('good', 'bad'));
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    partialSuccess: { rejectedSpans: '1', errorMessage: 'too old' },
  });
  await backend.waitFor(() => backend.acknowledgedSpans().length > 0);
  expect(backend.acknowledgedSpans()).toMatchObject([{ name: 'good' }]);
});

test('a span sent again after its acknowledgement is acknowledged twice', async () => {
  const backend = await startBackend();
  await post(`${backend.url}/v1/traces`, traces('again'));
  await post(`${backend.url}/v1/traces`, traces('again'));
  await backend.waitFor(() => backend.requests[1]?.answered);
  expect(backend.acknowledgedSpans()).toMatchObject([
    { name: 'again', request: 0 },
    { name: 'again', request: 1 },
  ]);
});

test('hold: nothing is answered before release, then everything that was held', async () => {
  const backend = await startBackend({ kind: 'hold', times: 3 });
  const replies = Array.from({ length: 3 }, () => post(`${backend.url}/v1/traces`, traces('held')));
  await backend.waitFor(() => backend.requests.length === 3);
  expect(await post(`${backend.url}/v1/traces`, traces('passes by'))).toMatchObject({
    status: 200,
  });
  expect(backend.requests.map(({ answered }) => answered)).toEqual([undefined, undefined, undefined, 200]);
  backend.release();
  expect(await Promise.all(replies)).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
  await backend.waitFor(() => backend.acknowledgedSpans().length === 4 && backend.inFlight === 0);
  expect(backend.maxInFlight).toBe(4);
});

test('latency: the answer is delayed, requests wait in parallel', async () => {
  const backend = await startBackend({ kind: 'ok', latencyMillis: 600_000, times: 1 });
  const neverInThisTest = post(`${backend.url}/v1/traces`, traces('very far'));
  neverInThisTest.catch(() => {});
  await backend.waitFor(() => backend.requests.length === 1);
  backend.behave({ kind: 'ok', latencyMillis: 40 });
  const sentAt = performance.now();
  expect(await post(`${backend.url}/v1/traces`, traces('near'))).toMatchObject({ status: 200 });
  // A timer may fire a millisecond early.
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(39);
  expect(backend.requests).toMatchObject([{ answered: undefined }, { answered: 200 }]);
});

test('one request after the other is one in flight', async () => {
  const backend = await startBackend();
  await post(`${backend.url}/v1/traces`, traces('first'));
  await post(`${backend.url}/v1/traces`, traces('second'));
  expect(backend.maxInFlight).toBe(1);
});

test('mute: the request arrives and is never answered', async () => {
  const backend = await startBackend({ kind: 'mute' });
  const giveUp = new AbortController();
  const reply = post(`${backend.url}/v1/traces`, traces('lost'), { signal: giveUp.signal });
  await backend.waitFor(() => backend.spans().length === 1);
  giveUp.abort();
  await expect(reply).rejects.toMatchObject({ name: 'AbortError' });
  expect(backend.requests).toMatchObject([{ answered: undefined }]);
  expect(backend.acknowledgedSpans()).toEqual([]);
});

test('an answer that comes after the client gave up acknowledges nothing', async () => {
  const backend = await startBackend({ kind: 'hold', times: 1 });
  const giveUp = new AbortController();
  const late = post(`${backend.url}/v1/traces`, traces('late'), { signal: giveUp.signal });
  await backend.waitFor(() => backend.spans().length === 1);
  giveUp.abort();
  await expect(late).rejects.toMatchObject({ name: 'AbortError' });
  await backend.waitFor(() => backend.inFlight === 0);
  backend.release();
  await post(`${backend.url}/v1/traces`, traces('next'));
  await backend.waitFor(() => backend.acknowledgedSpans().length > 0);
  expect(backend.acknowledgedSpans()).toMatchObject([{ name: 'next' }]);
});

test.each([
  ['half', { code: 'ECONNRESET', message: 'aborted' }],
  ['reset', { code: 'ECONNRESET', message: expect.stringMatching(/ECONNRESET|socket hang up/) }],
] as const)('%s: the request arrived, its answer did not', async (kind, error) => {
  const backend = await startBackend({ kind, times: 1 });
  await expect(post(`${backend.url}/v1/traces`, traces('half'))).rejects.toMatchObject(error);
  expect(backend.spans()).toHaveLength(1);
  expect(backend.acknowledgedSpans()).toEqual([]);
  expect(await post(`${backend.url}/v1/traces`, traces('whole'))).toMatchObject({ status: 200 });
});

test('stopped it refuses, kept connections are cut, started again it listens on the same port', async () => {
  const backend = await startBackend();
  const { url } = backend;
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  await post(`${url}/v1/traces`, traces('before'), { agent });
  await backend.stop();
  await expect(post(`${url}/v1/traces`, traces('lost'))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
  await backend.start();
  expect(backend.url).toBe(url);
  expect(await post(`${url}/v1/traces`, traces('after'), { agent })).toMatchObject({ status: 200 });
  expect(backend.spans().map(({ name }) => name)).toEqual(['before', 'after']);
});

test('TLS with a private authority', async () => {
  const backend = await startBackend({ kind: 'ok' }, { tls: serverCertificate });
  expect(backend.url).toMatch(/^https:/);
  const trusting = new TlsAgent({ ca: readFileSync(authority) });
  expect(await post(`${backend.url}/v1/traces`, traces('safe'), { agent: trusting })).toMatchObject({ status: 200 });
  const wary = new TlsAgent({ ca: readFileSync(otherAuthority) });
  await expect(post(`${backend.url}/v1/traces`, traces('x'), { agent: wary })).rejects.toThrow(/unable to verify/);
  backend.behave({ kind: 'reset' });
  await expect(post(`${backend.url}/v1/traces`, traces('x'), { agent: trusting })).rejects.toMatchObject({
    code: 'ECONNRESET',
  });
});

test('a connection that never finishes its TLS handshake does not keep it from stopping', async () => {
  const backend = await startBackend({ kind: 'ok' }, { tls: serverCertificate });
  const silent = connect(backend.port, '127.0.0.1');
  onTestFinished(() => void silent.destroy());
  await once(silent, 'connect');
  // Connections are accepted in order: when this one has been served, the server knows the silent one.
  await post(`${backend.url}/v1/traces`, traces('x'), { agent: new TlsAgent({ ca: readFileSync(authority) }) });
  const cut = once(silent, 'close');
  await backend.stop();
  await cut;
  await expect(post(`${backend.url}/v1/traces`, traces('x'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('client certificates', async () => {
  const backend = await startBackend({ kind: 'ok' }, { tls: { ...serverCertificate, clientCa: authority } });
  const ca = readFileSync(authority);
  const known = new TlsAgent({
    ca,
    cert: readFileSync(clientCertificate.cert),
    key: readFileSync(clientCertificate.key),
  });
  expect(await post(`${backend.url}/v1/traces`, traces('known'), { agent: known })).toMatchObject({
    status: 200,
  });
  expect(backend.requests).toMatchObject([{ client: 'swansong test client' }]);
  const unknown = new TlsAgent({ ca });
  await expect(post(`${backend.url}/v1/traces`, traces('x'), { agent: unknown })).rejects.toMatchObject({
    // Under TLS 1.3 the alert may lose the race against the closing connection.
    code: expect.stringMatching(/CERTIFICATE_REQUIRED|ECONNRESET|EPIPE/),
  });
  expect(backend.requests).toHaveLength(1);
});

test('a wait that times out shows what was expected and what arrived', async () => {
  const backend = await startBackend({ kind: 'status', status: 503 });
  await expect(backend.waitFor(() => backend.spans().length === 2, undefined, { boundMillis: 1 })).rejects.toThrow(
    /waited 1 ms for \(\) ?=> ?backend\.spans\(\)\.length === 2\nnothing arrived/,
  );
  await post(`${backend.url}/v1/traces`, traces('lonely'));
  await backend.waitFor(() => backend.requests[0]?.answered);
  await expect(backend.waitFor(() => undefined, 'company', { boundMillis: 1 })).rejects.toThrow(
    /waited 1 ms for company\nPOST \/v1\/traces, \d+ bytes application\/json identity, answered 503, 0 of 1 acknowledged: lonely/,
  );
});
