import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Collector, type CollectorOptions, CollectorStartError, startCollector } from '../../../src/collector.ts';
import { decode } from '../../../src/collector/codec/otlp-codec.ts';
import { type SignalName, signals } from '../../../src/collector/signals.ts';
import { JSON_TYPE, PROTOBUF_TYPE, send, type Sent } from './support/http-client.ts';
import { decodeStatus } from './support/rpc-status.ts';
import { SPAN, traces } from './support/items.ts';
import { logSample, metricSample, type Sample, traceSample } from './support/sdk-samples.ts';
import { openFilesIn, readLines, temporaryFolder } from '../../support/temporary-folder.ts';

async function start(options: CollectorOptions = {}): Promise<Collector> {
  const collector = await startCollector({ port: 0, directory: await temporaryFolder(), ...options });
  onTestFinished(async () => void (await collector.close()));
  return collector;
}

const linesOf = (collector: Collector, signal: SignalName): Promise<readonly unknown[]> =>
  readLines(join(collector.directory, `${signal}.jsonl`));

describe('what the SDK sends', () => {
  const samples: readonly (readonly [SignalName, () => Sample | Promise<Sample>, number])[] = [
    ['traces', () => traceSample(10), 20],
    ['metrics', metricSample, 5],
    ['logs', () => logSample(), 3],
  ];

  test.each(samples)('%s: protobuf and JSON, plain and gzipped, become four equal lines', async (name, make, items) => {
    const collector = await start();
    const sample = await make();
    const url = `${collector.url}/v1/${name}`;
    const gzip = { 'content-encoding': 'gzip' };
    const answers = [
      await send(url, { headers: PROTOBUF_TYPE, body: sample.protobuf }),
      await send(url, { headers: { 'content-type': 'application/json; charset=utf-8' }, body: sample.json }),
      await send(url, { headers: { ...PROTOBUF_TYPE, ...gzip }, body: gzipSync(sample.protobuf) }),
      await send(url, { headers: { 'content-type': 'Application/JSON', ...gzip }, body: gzipSync(sample.json) }),
    ];
    expect(answers.map(({ status, headers, body }) => [status, headers['content-type'], body.toString()])).toEqual([
      [200, 'application/x-protobuf', ''],
      [200, 'application/json', '{}'],
      [200, 'application/x-protobuf', ''],
      [200, 'application/json', '{}'],
    ]);

    const message = signals.find((signal) => signal.name === name)?.message ?? 'TracesData';
    const decoded = decode('json', message, sample.json);
    const expected = decoded.ok ? decoded.data : decoded.failure;
    expect(await linesOf(collector, name)).toEqual([expected, expected, expected, expected]);
    expect(collector.counts()[name]).toEqual({ requests: 4, items: items * 4, rejected: 0, refused: 0 });
  });
});

/** One row per rule; each is sent with both encodings where the encoding is known. */
describe('what is refused', () => {
  const limit = 1000;
  const rows: readonly (readonly [string, number, string, Sent & { readonly path?: string }])[] = [
    ['another method', 405, 'expected POST (got GET)', { method: 'GET' }],
    [
      'another path',
      404,
      '/v1/profiles: not found; OTLP/HTTP is at /v1/traces, /v1/metrics, /v1/logs',
      { path: '/v1/profiles', body: '{}' },
    ],
    [
      'another compression',
      415,
      'content-encoding: expected gzip or identity (got "br")',
      { headers: { 'content-encoding': 'br' }, body: '{}' },
    ],
    [
      'no gzip',
      400,
      'the body is not valid gzip (incorrect header check); nothing of this request was stored',
      { headers: { 'content-encoding': 'gzip' }, body: '{}' },
    ],
    [
      'a large body',
      413,
      'the body may hold 1000 bytes (got 1001 bytes); nothing of it was stored',
      { body: ' '.repeat(limit + 1) },
    ],
    [
      'a body that is large when decompressed',
      413,
      'the body may hold 1000 bytes (got more than that when decompressed); nothing of it was stored',
      { headers: { 'content-encoding': 'gzip' }, body: gzipSync(' '.repeat(limit + 1)) },
    ],
  ];

  test.each(rows)('%s: %i', async (_what, status, message, { path = '/v1/traces', ...sent }) => {
    const collector = await start({ maxBodyBytes: limit });
    const url = `${collector.url}${path}`;
    const json = await send(url, { ...sent, headers: { ...JSON_TYPE, ...sent.headers } });
    const protobuf = await send(url, { ...sent, headers: { ...PROTOBUF_TYPE, ...sent.headers } });
    expect([json.status, json.headers['content-type']]).toEqual([status, 'application/json']);
    expect(JSON.parse(json.body.toString())).toMatchObject({ message });
    expect([protobuf.status, protobuf.headers['content-type']]).toEqual([status, 'application/x-protobuf']);
    expect(decodeStatus(protobuf.body)).toMatchObject({ message });
    expect(await linesOf(collector, 'traces')).toEqual([]);
  });

  test('a body that cannot be decoded: 400, in the encoding it pretends to be', async () => {
    const collector = await start();
    const url = `${collector.url}/v1/logs`;
    const json = await send(url, {
      headers: JSON_TYPE,
      body: '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"flags":"x"}]}]}]}',
    });
    const field = 'resourceLogs[0].scopeLogs[0].logRecords[0].flags';
    const description = 'expected an integer from 0 to 4294967295 (got "x")';
    expect([json.status, JSON.parse(json.body.toString())]).toEqual([
      400,
      {
        code: 3,
        message: `${field}: ${description}; nothing of this request was stored`,
        details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field, description }] }],
      },
    ]);
    const protobuf = await send(url, { headers: PROTOBUF_TYPE, body: '{}' });
    expect([protobuf.status, decodeStatus(protobuf.body)]).toEqual([
      400,
      {
        code: 3,
        message: expect.stringMatching(/^byte \d+: not valid protobuf \(.+\); nothing of this request was stored$/),
      },
    ]);
    expect(collector.counts().logs).toEqual({ requests: 0, items: 0, rejected: 0, refused: 2 });
  });

  test('another type: 415, in JSON, with what would be right', async () => {
    const { url } = await start();
    const answers = [
      await send(`${url}/v1/traces`, { headers: { 'content-type': 'text/plain' }, body: '{}' }),
      await send(`${url}/v1/traces`, { body: '{}' }),
    ];
    expect(
      answers.map(({ status, headers, body }) => [status, headers['content-type'], JSON.parse(body.toString())]),
    ).toEqual(
      ['"text/plain"', 'none'].map((got) => [
        415,
        'application/json',
        { code: 3, message: `content-type: expected application/x-protobuf or application/json (got ${got})` },
      ]),
    );
  });

  test('a 405 says what is allowed, a 415 for a compression what is accepted', async () => {
    const { url } = await start();
    const method = await send(`${url}/v1/traces`, { method: 'OPTIONS' });
    const coding = await send(`${url}/v1/traces`, { headers: { ...JSON_TYPE, 'content-encoding': 'zstd' } });
    const root = await send(url, { method: 'DELETE' });
    expect([method.headers.allow, coding.headers['accept-encoding'], root.status, root.headers.allow]).toEqual([
      'POST',
      'gzip, identity',
      405,
      'GET, HEAD',
    ]);
  });

  test('the connection is good for the next request', async () => {
    const { url } = await start({ maxBodyBytes: 1000 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const statuses: number[] = [];
    const connections = new Set<number | undefined>();
    for (const body of ['x', ' '.repeat(500_000), '{}', gzipSync('{}'), '{}']) {
      const answer = await send(`${url}/v1/traces`, { agent, headers: JSON_TYPE, body });
      statuses.push(answer.status);
      connections.add(answer.localPort);
    }
    expect(statuses).toEqual([400, 413, 200, 400, 200]);
    expect(connections.size).toBe(1);
  });
});

test('GET / says what this is', async () => {
  const { url } = await start();
  const about = await send(url, { method: 'GET' });
  expect([about.status, about.headers['content-type'], about.body.toString()]).toEqual([
    200,
    'text/plain; charset=utf-8',
    `swansong collector: an embedded OpenTelemetry backend

OTLP/HTTP, application/x-protobuf or application/json, gzip allowed:
  POST /v1/traces   → traces.jsonl
  POST /v1/metrics  → metrics.jsonl
  POST /v1/logs     → logs.jsonl
  GET  /healthz
`,
  ]);
  expect(await send(url, { method: 'HEAD' })).toMatchObject({ status: 200, body: Buffer.alloc(0) });
});

test('a body that stops is answered 408 in its encoding', async () => {
  const { url } = await start({ bodyTimeoutMillis: 20 });
  const answer = await send(`${url}/v1/traces`, { headers: { ...JSON_TYPE, 'content-length': '10' }, body: '{}' });
  expect([answer.status, answer.headers.connection, JSON.parse(answer.body.toString())]).toEqual([
    408,
    'close',
    { code: 4, message: 'the body did not arrive within 20 ms' },
  ]);
});

test('many at once from many connections: every one on a line of its own', async () => {
  const collector = await start();
  const names = Array.from({ length: 300 }, (_, index) => `span ${index} ${'x'.repeat((index % 7) * 5000)}`);
  const answers = await Promise.all(
    names.map((name) => {
      const body = JSON.stringify(traces({ ...SPAN, name }));
      return send(`${collector.url}/v1/traces`, { headers: JSON_TYPE, body });
    }),
  );
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  const stored = await linesOf(collector, 'traces');
  const expected = names.map((name) => traces({ ...SPAN, name }));
  expect(stored).toHaveLength(300);
  expect(stored).toEqual(expect.arrayContaining(expected));
});

describe('starting and ending', () => {
  test('a second collector on the same port says so and leaves no file open', async () => {
    const { port } = await start();
    const directory = await temporaryFolder();
    const second = startCollector({ port, directory });
    await expect(second).rejects.toThrow(
      new CollectorStartError(`cannot listen on 127.0.0.1:${port} (the port is in use)`),
    );
    await expect(second).rejects.toMatchObject({ cause: { code: 'EADDRINUSE' } });
    expect(await openFilesIn(directory)).toEqual([]);
  });

  test('a directory that cannot be written to says so', async () => {
    const folder = await temporaryFolder();
    const directory = join(folder, 'file');
    await writeFile(directory, '');
    await expect(startCollector({ port: 0, directory })).rejects.toThrow(
      new CollectorStartError(`cannot write to ${directory} (EEXIST: file already exists, mkdir '${directory}')`),
    );
  });

  test('an option out of range says so', async () => {
    await expect(startCollector({ port: -1 })).rejects.toThrow(RangeError);
  });

  test('IPv6 has brackets in its URL', async () => {
    const { url, port } = await start({ host: '::1' });
    expect(url).toBe(`http://[::1]:${port}`);
    expect(await send(url, { method: 'GET' })).toMatchObject({ status: 200 });
  });

  test('closing twice is closing once, and what was accepted is in the files', async () => {
    const collector = await start();
    expect(await openFilesIn(collector.directory)).toHaveLength(3);
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const body = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}';
    const answers = Promise.all(
      Array.from({ length: 20 }, () =>
        send(`${collector.url}/v1/logs`, { agent, headers: JSON_TYPE, body }).catch(() => undefined),
      ),
    );
    await send(`${collector.url}/v1/logs`, { headers: JSON_TYPE, body });
    const closing = collector.close();
    expect(collector.close()).toBe(closing);
    await closing;
    const accepted = (await answers).filter((answer) => answer?.status === 200).length + 1;
    expect(await linesOf(collector, 'logs')).toHaveLength(collector.counts().logs.requests);
    expect(accepted).toBe(collector.counts().logs.requests);
    expect(await openFilesIn(collector.directory)).toEqual([]);
  });
});
