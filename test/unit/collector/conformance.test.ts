import { readdir, readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Collector, type CollectorOptions, startCollector } from '../../../src/collector.ts';
import { decode, type Encoding } from '../../../src/collector/codec/otlp-codec.ts';
import { encodeProtobuf } from '../../../src/collector/codec/otlp-protobuf.ts';
import type { MessageName } from '../../../src/collector/codec/otlp-schema.ts';
import { type SignalName, signals } from '../../../src/collector/signals.ts';
import { readLines, temporaryFolder } from '../../support/temporary-folder.ts';
import {
  type Answer,
  JSON_TYPE,
  openSocket,
  PROTOBUF_TYPE,
  send,
  type Sent,
  untilClosed,
} from './support/http-client.ts';
import { logs, metrics, POINT, RECORD, SPAN, traces } from './support/items.ts';
import { decodeStatus } from './support/rpc-status.ts';

/*
 * One row for each rule of OTLP/HTTP (opentelemetry-proto docs/specification.md, v1.11) and of the OTLP file format, over
 * sockets. The name of a test is the rule. docs/collector.md has the same table in words.
 */

const LIMIT = 100_000;
const TYPES = { json: JSON_TYPE, protobuf: PROTOBUF_TYPE } as const;
const BOTH: readonly Encoding[] = ['json', 'protobuf'];

async function start(options: CollectorOptions = {}): Promise<Collector> {
  const collector = await startCollector({
    port: 0,
    directory: await temporaryFolder(),
    maxBodyBytes: LIMIT,
    closeTimeoutMillis: 500,
    ...options,
  });
  onTestFinished(async () => void (await collector.close()));
  return collector;
}

function protobuf(name: SignalName, json: string): Buffer {
  const message = messageOf(name);
  const decoded = decode('json', message, Buffer.from(json));
  if (!decoded.ok) throw new Error(decoded.failure.message);
  return Buffer.from(encodeProtobuf(message, decoded.data));
}

function messageOf(name: SignalName): MessageName {
  const signal = signals.find((candidate) => candidate.name === name);
  if (signal === undefined) throw new Error(name);
  return signal.message;
}

interface Posted extends Sent {
  readonly name?: SignalName;
  readonly encoding?: Encoding;
  /** As JSON, in whatever encoding it is sent. */
  readonly json?: object | string;
}

async function post(
  collector: Collector,
  { name = 'traces', encoding = 'json', json, ...sent }: Posted,
): Promise<Answer> {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  const body = json === undefined ? sent.body : encoding === 'json' ? text : protobuf(name, text);
  return send(`${collector.url}/v1/${name}`, {
    ...sent,
    headers: { ...TYPES[encoding], ...sent.headers },
    ...(body !== undefined && { body }),
  });
}

const stored = (collector: Collector, name: SignalName = 'traces'): Promise<readonly unknown[]> =>
  readLines(join(collector.directory, `${name}.jsonl`));

const messageIn = ({ body, headers }: Answer): unknown =>
  (headers['content-type'] === 'application/json' ? JSON.parse(body.toString()) : decodeStatus(body)).message;

/** Attribute of a span, sent as JSON, as it is stored. */
async function storedAttribute(value: string): Promise<unknown> {
  const collector = await start();
  const span = JSON.stringify({ ...SPAN, attributes: [{ key: 'k' }] }).replace(
    '{"key":"k"}',
    `{"key":"k","value":${value}}`,
  );
  expect(await post(collector, { json: `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}` })).toMatchObject({
    status: 200,
  });
  const [line] = await stored(collector);
  return JSON.parse(JSON.stringify(line)).resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value;
}

const valid: Readonly<Record<SignalName, object>> = {
  traces: traces(SPAN),
  metrics: metrics({ name: 'm', gauge: { dataPoints: [POINT] } }),
  logs: logs(RECORD),
};

describe('request', () => {
  describe.each(['traces', 'metrics', 'logs'] as const)('POST /v1/%s', (name) => {
    test.each(BOTH)('%s is taken, on the same port, and stored', async (encoding) => {
      const collector = await start();
      const answer = await post(collector, { name, encoding, json: valid[name] });
      expect({ status: answer.status, stored: await stored(collector, name) }).toEqual({
        status: 200,
        stored: [valid[name]],
      });
    });
  });

  test.each([
    ['application/json; charset=utf-8', 200],
    ['APPLICATION/JSON;x=y', 200],
    [' application/json ', 200],
    ['application/jsonx', 415],
    ['text/plain', 415],
    ['', 415],
  ])('Content-Type, parameters tolerated, others 415: "%s" is %i', async (type, status) => {
    const collector = await start();
    expect(await post(collector, { json: valid.traces, headers: { 'content-type': type } })).toMatchObject({ status });
  });

  test.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('another method is 405 with Allow: %s', async (method) => {
    const { url } = await start();
    expect(await send(`${url}/v1/traces`, { method })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  test.each(['/v1/profiles', '/v1/traces/', '/v1/', '//v1/traces', '/metrics', '/%2e%2e/etc/passwd'])(
    'an unknown path is 404: %s',
    async (path) => {
      const { url } = await start();
      expect(await send(`${url}${path}`, { headers: JSON_TYPE, body: '{}' })).toMatchObject({ status: 404 });
    },
  );

  test.each([
    ['', 'HTTP/1.1 200 OK'],
    ['?a=http://other/', 'HTTP/1.1 200 OK'],
    ['/', 'HTTP/1.1 404 Not Found'],
  ])('a target in absolute form is accepted (RFC 9112 3.2.2): …/v1/traces%s is %s', async (rest, line) => {
    const collector = await start();
    const socket = await openSocket(collector.url);
    const head = `POST ${collector.url}/v1/traces${rest} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`;
    const body = JSON.stringify(valid.traces);
    socket.write(`${head}\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    expect((await untilClosed(socket)).split('\r\n')[0]).toBe(line);
    expect(await stored(collector)).toEqual(line.endsWith('OK') ? [valid.traces] : []);
  });

  test('a query is no part of the path', async () => {
    const collector = await start();
    expect(await send(`${collector.url}/v1/traces?a=b`, { headers: JSON_TYPE, body: '{}' })).toMatchObject({
      status: 200,
    });
  });

  test.each(['identity', 'gzip', 'GZIP', 'x-gzip'])('Content-Encoding %s is taken', async (coding) => {
    const collector = await start();
    const text = JSON.stringify(valid.traces);
    const body = coding === 'identity' ? text : gzipSync(text);
    expect(await post(collector, { body, headers: { 'content-encoding': coding } })).toMatchObject({ status: 200 });
    expect(await stored(collector)).toEqual([valid.traces]);
  });

  test.each(['zstd', 'deflate', 'br', 'gzip, gzip'])(
    'Content-Encoding %s is 415 with what is accepted',
    async (coding) => {
      const collector = await start();
      expect(await post(collector, { json: {}, headers: { 'content-encoding': coding } })).toMatchObject({
        status: 415,
        headers: { 'accept-encoding': 'gzip, identity' },
      });
    },
  );

  describe.each(BOTH)('a body beyond the limit, %s', (encoding) => {
    const large = { resourceSpans: [{ schemaUrl: 'x'.repeat(LIMIT) }] };

    test('is 413 before decompression', async () => {
      const answer = await post(await start(), { encoding, json: large });
      expect(answer.status).toBe(413);
      expect(messageIn(answer)).toMatch(/^the body may hold 100000 bytes \(got \d+ bytes\); nothing of it was stored$/);
    });

    test('is 413 without a Content-Length', async () => {
      const body = Buffer.alloc(LIMIT + 1, 32);
      const chunked = { ...TYPES[encoding], 'transfer-encoding': 'chunked' };
      expect(await send(`${(await start()).url}/v1/traces`, { headers: chunked, body })).toMatchObject({ status: 413 });
    });

    test.each([
      ['is cut', (gzip: Buffer) => gzip.subarray(0, -1)],
      ['is cut within its data', (gzip: Buffer) => gzip.subarray(0, gzip.length >> 1)],
      ['is followed by a newline', (gzip: Buffer) => Buffer.concat([gzip, Buffer.from('\n')])],
      ['is followed by CR LF', (gzip: Buffer) => Buffer.concat([gzip, Buffer.from('\r\n')])],
      ['is followed by text', (gzip: Buffer) => Buffer.concat([gzip, Buffer.from('{"resourceSpans":[]}')])],
      ['is followed by zeros', (gzip: Buffer) => Buffer.concat([gzip, Buffer.alloc(4)])],
      ['is followed by zeros and more gzip', (gzip: Buffer) => Buffer.concat([gzip, Buffer.alloc(4), gzip])],
      ['ends with a size that is none', (gzip: Buffer) => Buffer.concat([gzip.subarray(0, -4), Buffer.alloc(4, 255)])],
    ])('gzip that %s is 400 and not too large', async (_what, broken) => {
      const collector = await start();
      const text = JSON.stringify(valid.traces);
      const body = broken(gzipSync(encoding === 'json' ? text : protobuf('traces', text)));
      const answer = await post(collector, { encoding, body, headers: { 'content-encoding': 'gzip' } });
      expect(answer.status).toBe(400);
      expect(messageIn(answer)).toMatch(/^the body is not valid gzip \(/);
      expect(await stored(collector)).toEqual([]);
    });

    test('is 413 after decompression', async () => {
      const text = JSON.stringify(large);
      const body = gzipSync(encoding === 'json' ? text : protobuf('traces', text));
      const answer = await post(await start(), { encoding, body, headers: { 'content-encoding': 'gzip' } });
      expect(answer.status).toBe(413);
      expect(messageIn(answer)).toMatch(/\(got more than that when decompressed\)/);
    });
  });

  test.each([
    ['json', '{}'],
    ['json', '{"resourceSpans":[]}'],
    ['protobuf', ''],
  ] as const)('an empty request is a success and stores nothing: %s "%s"', async (encoding, body) => {
    const collector = await start();
    expect(await post(collector, { encoding, body })).toMatchObject({ status: 200 });
    expect(await stored(collector)).toEqual([]);
  });
});

describe('response', () => {
  test.each([
    ['json', '{}'],
    ['protobuf', ''],
  ] as const)('full success in %s: 200, partial_success unset, of the type of the request', async (encoding, body) => {
    const answer = await post(await start(), { encoding, json: valid.traces });
    expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([
      200,
      TYPES[encoding]['content-type'],
      body,
    ]);
  });

  const partial: readonly (readonly [SignalName, object, string, string])[] = [
    ['traces', traces(SPAN, {}), 'rejectedSpans', 'rejected 1 of 2 spans: 1 invalid_trace_id (the first is number 2)'],
    [
      'metrics',
      metrics({ name: 'm', gauge: { dataPoints: [POINT, {}] } }),
      'rejectedDataPoints',
      'rejected 1 of 2 data points: 1 missing_time (the first is number 2)',
    ],
    [
      'logs',
      logs(RECORD, { ...RECORD, severityNumber: 77 }),
      'rejectedLogRecords',
      'rejected 1 of 2 log records: 1 invalid_severity (the first is number 2)',
    ],
  ];

  test.each(partial)(
    'partial success of %s, JSON: the count as a string, a message',
    async (name, json, field, message) => {
      const collector = await start();
      const answer = await post(collector, { name, json });
      expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([
        200,
        { partialSuccess: { [field]: '1', errorMessage: message } },
      ]);
      expect(await stored(collector, name)).toHaveLength(1);
    },
  );

  test.each(partial)('partial success of %s, protobuf', async (name, json, _field, message) => {
    const answer = await post(await start(), { name, encoding: 'protobuf', json });
    // partial_success = 1 { rejected = 1 (varint 1), error_message = 2 }
    const inner = Buffer.concat([Buffer.from([0x08, 1, 0x12, message.length]), Buffer.from(message)]);
    expect([answer.status, answer.body.toString('latin1')]).toEqual([
      200,
      Buffer.concat([Buffer.from([0x0a, inner.length]), inner]).toString('latin1'),
    ]);
  });

  test('every item bad: still 200, all of them rejected, nothing stored', async () => {
    const collector = await start();
    const answer = await post(collector, { json: traces({}, {}) });
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
      200,
      { partialSuccess: { rejectedSpans: '2' } },
    ]);
    expect(await stored(collector)).toEqual([]);
    expect(collector.counts().traces).toEqual({ requests: 1, items: 0, rejected: 2, refused: 0 });
  });

  test('the size of a response is bounded', async () => {
    const { url } = await start();
    const answer = await send(`${url}/${'x'.repeat(12_000)}`, { headers: JSON_TYPE, body: '{}' });
    expect(answer.status).toBe(404);
    expect(answer.body.length).toBeLessThan(5000);
  });

  test.each([
    [400, 3, { body: 'x' }],
    [404, 5, { path: '/nothing' }],
    [405, 12, { method: 'PUT' }],
    [413, 3, { body: Buffer.alloc(LIMIT + 1) }],
    [415, 3, { headers: { 'content-encoding': 'br' } }],
  ] as const)(
    '%i has a google.rpc.Status with code %i in the encoding of the request',
    async (status, code, request) => {
      const { path = '/v1/traces', ...sent }: Sent & { readonly path?: string } = request;
      const { url } = await start();
      for (const encoding of BOTH) {
        const answer = await send(`${url}${path}`, { ...sent, headers: { ...TYPES[encoding], ...sent.headers } });
        expect([answer.status, answer.headers['content-type']]).toEqual([status, TYPES[encoding]['content-type']]);
        const body = encoding === 'json' ? JSON.parse(answer.body.toString()) : decodeStatus(answer.body);
        expect(body).toMatchObject({ code, message: expect.stringMatching(/.+/) });
      }
    },
  );

  test('400 only for what is bad for good, with BadRequest details; nothing of it is stored', async () => {
    const collector = await start();
    const answer = await post(collector, { body: JSON.stringify(traces(SPAN, { ...SPAN, kind: 'SERVER' })) });
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
      400,
      { details: [{ fieldViolations: [{ field: 'resourceSpans[0].scopeSpans[0].spans[1].kind' }] }] },
    ]);
    expect(await stored(collector)).toEqual([]);
  });

  test('a slow body is 408, and its connection ends', async () => {
    const collector = await start({ bodyTimeoutMillis: 20 });
    const answer = await post(collector, { body: '{}', headers: { 'content-length': '10' } });
    expect(answer).toMatchObject({ status: 408, headers: { connection: 'close' } });
  });

  test('connections are kept alive', async () => {
    const collector = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const first = await post(collector, { agent, json: valid.traces });
    const second = await post(collector, { agent, json: valid.traces });
    expect(second.localPort).toBe(first.localPort);
  });
});

describe('JSON mapping', () => {
  test('ids are hex in any case, and stored in lower case', async () => {
    const collector = await start();
    const link = { traceId: SPAN.traceId, spanId: SPAN.spanId };
    const span = { ...SPAN, parentSpanId: SPAN.spanId, links: [link] };
    const upper = JSON.stringify(traces(span))
      .replaceAll(SPAN.traceId, SPAN.traceId.toUpperCase())
      .replaceAll(SPAN.spanId, SPAN.spanId.toUpperCase());
    expect(await post(collector, { body: upper })).toMatchObject({ status: 200 });
    const [line] = await stored(collector);
    expect(JSON.parse(JSON.stringify(line)).resourceSpans[0].scopeSpans[0].spans[0]).toEqual(span);
  });

  test('an id in base64 is no id: its item is rejected', async () => {
    const collector = await start();
    const traceId = Buffer.from(SPAN.traceId, 'hex').toString('base64');
    const answer = await post(collector, { json: traces({ ...SPAN, traceId }, SPAN) });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
    expect(await stored(collector)).toEqual([traces(SPAN)]);
  });

  test('the name of an enum value is 400', async () => {
    expect(
      await post(await start(), { body: JSON.stringify(traces({ ...SPAN, kind: 'SPAN_KIND_SERVER' })) }),
    ).toMatchObject({
      status: 400,
    });
  });

  test('unknown fields, and keys in snake_case, are ignored', async () => {
    const collector = await start();
    const span = { ...SPAN, future: { a: [1] }, trace_state: 'a=b' };
    expect(await post(collector, { json: { ...traces(span), resource_spans: 1 } })).toMatchObject({ status: 200 });
    expect(await stored(collector)).toEqual([traces(SPAN)]);
  });

  test.each([
    ['a 64-bit integer as a string', '{"intValue":"9223372036854775807"}', { intValue: '9223372036854775807' }],
    ['a 64-bit integer as a number', '{"intValue":9223372036854775807}', { intValue: '9223372036854775807' }],
    ['a 64-bit integer with an exponent', '{"intValue":1.7e18}', { intValue: '1700000000000000000' }],
    ['one that is exact', '{"intValue":1.234567890123456789e18}', { intValue: '1234567890123456789' }],
    ['one in quotes', '{"intValue":"1.7e18"}', { intValue: '1700000000000000000' }],
    ['bytes in base64', '{"bytesValue":"/+8="}', { bytesValue: '/+8=' }],
    ['bytes in URL-safe base64', '{"bytesValue":"_-8"}', { bytesValue: '/+8=' }],
    ['NaN', '{"doubleValue":"NaN"}', { doubleValue: 'NaN' }],
    ['an infinity', '{"doubleValue":"-Infinity"}', { doubleValue: '-Infinity' }],
    ['a double as a string', '{"doubleValue":"1.5"}', { doubleValue: 1.5 }],
    [
      'a list of all kinds',
      '{"arrayValue":{"values":[{},{"intValue":1},{"boolValue":false}]}}',
      { arrayValue: { values: [{}, { intValue: '1' }, { boolValue: false }] } },
    ],
    [
      'a map',
      '{"kvlistValue":{"values":[{"key":"a","value":{"stringValue":""}}]}}',
      { kvlistValue: { values: [{ key: 'a', value: { stringValue: '' } }] } },
    ],
  ])('%s is taken as an attribute', async (_what, value, expected) => {
    expect(await storedAttribute(value)).toEqual(expected);
  });

  test('times and counts may have an exponent, as a string or as a number', async () => {
    const collector = await start();
    const span = { ...SPAN, startTimeUnixNano: '1.7e18', endTimeUnixNano: '1.7E+18', droppedLinksCount: '2e0' };
    const text = JSON.stringify(traces(span)).replace('"1.7E+18"', '1.700000000000000001e18');
    expect(await post(collector, { json: text })).toMatchObject({ status: 200 });
    expect(await stored(collector)).toEqual([
      traces({
        ...SPAN,
        startTimeUnixNano: '1700000000000000000',
        endTimeUnixNano: '1700000000000000001',
        droppedLinksCount: 2,
      }),
    ]);
  });

  test('null is the default, an empty AnyValue is a value', async () => {
    expect(await storedAttribute('{"stringValue":null}')).toBeUndefined();
    expect(await storedAttribute('null')).toBeUndefined();
  });

  test.each(BOTH)('-0 keeps its sign, wherever a double is: %s', async (encoding) => {
    const collector = await start();
    const values = [{ doubleValue: 0 }, { doubleValue: 1 }];
    const histogram = { ...POINT, count: '1', sum: 7, bucketCounts: ['1', '0'], explicitBounds: [7], min: 7, max: 0 };
    const body = JSON.stringify(
      metrics(
        {
          name: 'g',
          gauge: {
            dataPoints: [
              { timeUnixNano: '1', asDouble: 7, attributes: [{ key: 'k', value: { arrayValue: { values } } }] },
            ],
          },
        },
        { name: 'h', histogram: { dataPoints: [{ ...histogram, asInt: undefined }], aggregationTemporality: 1 } },
        { name: 's', summary: { dataPoints: [{ timeUnixNano: '1', quantileValues: [{ quantile: 0.5, value: 7 }] }] } },
      ),
    )
      .replaceAll(':7', ':-0')
      .replaceAll('[7]', '[-0.0]')
      .replace('"doubleValue":1', '"doubleValue":"-0"');
    expect(body.match(/-0/g)).toHaveLength(6);
    expect(await post(collector, { name: 'metrics', encoding, json: body })).toMatchObject({ status: 200 });
    const text = await readFile(join(collector.directory, 'metrics.jsonl'), 'utf8');
    expect(text).toBe(`${body.replace('-0.0', '-0').replace('"-0"', '-0')}\n`);
  });

  test('newlines in texts do not cut a line; text is UTF-8', async () => {
    const collector = await start();
    const span = { ...SPAN, name: 'a\n\u2028\r\nb ä 🌍' };
    for (const encoding of BOTH) await post(collector, { encoding, json: traces(span) });
    expect(await stored(collector)).toEqual([traces(span), traces(span)]);
  });
});

describe('protobuf', () => {
  const bytes = (...parts: readonly (number | Buffer)[]): Buffer =>
    Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));
  const nest = (tag: number, inner: Buffer): Buffer => bytes(tag, inner.length, inner);
  const span = protobuf('traces', JSON.stringify(traces(SPAN))).subarray(6);
  const withSpan = (...more: readonly Buffer[]): Buffer => nest(0x0a, nest(0x12, nest(0x12, bytes(span, ...more))));

  test('unknown fields are skipped', async () => {
    const collector = await start();
    // Field 1000 as a varint, field 1001 as bytes.
    const unknown = bytes(0xc0, 0x3e, 5, 0xca, 0x3e, 2, 1, 2);
    expect(await post(collector, { encoding: 'protobuf', body: withSpan(unknown) })).toMatchObject({ status: 200 });
    expect(await stored(collector)).toEqual([traces(SPAN)]);
  });

  test('the last of a scalar wins', async () => {
    const collector = await start();
    expect(await post(collector, { encoding: 'protobuf', body: withSpan(nest(0x2a, Buffer.from('b'))) })).toMatchObject(
      {
        status: 200,
      },
    );
    expect(await stored(collector)).toEqual([traces({ ...SPAN, name: 'b' })]);
  });

  test('a list of numbers is taken packed and unpacked', async () => {
    const collector = await start();
    const one = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
    const point = (counts: Buffer): Buffer => nest(0x0a, bytes(0x19, Buffer.alloc(8, 1), counts));
    const request = (counts: Buffer): Buffer => {
      const metric = bytes(nest(0x0a, Buffer.from('h')), nest(0x4a, bytes(point(counts), 0x10, 2)));
      return nest(0x0a, nest(0x12, nest(0x12, metric)));
    };
    for (const counts of [nest(0x32, one), bytes(0x31, one)]) {
      await post(collector, { name: 'metrics', encoding: 'protobuf', body: request(counts) });
    }
    const [packed, unpacked] = await stored(collector, 'metrics');
    expect(JSON.stringify(packed)).toContain('"bucketCounts":["1"]');
    expect(unpacked).toEqual(packed);
  });
});

describe('storage', () => {
  test('one file for each signal, a request or more a line', async () => {
    const collector = await start();
    for (const name of ['traces', 'metrics', 'logs'] as const) await post(collector, { name, json: valid[name] });
    expect((await readdir(collector.directory)).sort()).toEqual(['logs.jsonl', 'metrics.jsonl', 'traces.jsonl']);
    expect(await readFile(join(collector.directory, 'traces.jsonl'), 'utf8')).toBe(`${JSON.stringify(valid.traces)}\n`);
  });
});

describe('bounds', () => {
  test.each(BOTH)('attribute values nested too deep are 400: %s', async (encoding) => {
    const deep = (depth: number): object =>
      depth === 0 ? { boolValue: true } : { arrayValue: { values: [deep(depth - 1)] } };
    const json = traces({ ...SPAN, attributes: [{ key: 'k', value: deep(101) }] });
    const text = JSON.stringify(json);
    const body = encoding === 'json' ? text : Buffer.from(encodeProtobuf('TracesData', JSON.parse(text)));
    const answer = await post(await start(), { encoding, body });
    expect([answer.status, messageIn(answer)]).toEqual([
      400,
      expect.stringContaining('attribute values nested deeper than 100'),
    ]);
  });

  test('a flood of headers is 431, and its connection ends', async () => {
    const { url } = await start();
    const socket = await openSocket(url);
    socket.on('error', () => {});
    socket.write(`POST /v1/traces HTTP/1.1\r\nhost: localhost\r\n${`x: ${'y'.repeat(100)}\r\n`.repeat(170)}\r\n`);
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('a half-closed socket is closed, and what it held is free', async () => {
    const collector = await start();
    for (let round = 0; round < 5; round += 1) {
      const socket = await openSocket(collector.url);
      const head = `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${LIMIT}`;
      socket.end(`${head}\r\n\r\n${' '.repeat(LIMIT - 1)}`);
      expect(await untilClosed(socket)).not.toMatch(/ 200 /);
    }
    // Each held half of what all may hold.
    expect(await post(collector, { body: `{}${' '.repeat(LIMIT - 2)}` })).toMatchObject({ status: 200 });
    expect(collector.counts().traces).toMatchObject({ requests: 1, refused: 0 });
  });

  test('a refused body that is long is not waited for: the answer says that its connection ends, and it does', async () => {
    const collector = await start();
    const socket = await openSocket(collector.url);
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${LIMIT * 1000}\r\n\r\n`,
    );
    const answer = await untilClosed(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/^connection: close\r$/im);
  });

  test('what is no HTTP is 400, and its connection ends', async () => {
    const { url } = await start();
    const socket = await openSocket(url);
    socket.write('\u0016\u0003\u0001 hello\r\n\r\n');
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 400 /);
  });
});
