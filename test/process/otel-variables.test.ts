import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { authority, clientCertificate, serverCertificate } from '../support/certificates.ts';
import { type FixtureResult, runFixture } from '../support/run-fixture.ts';

interface Row {
  readonly env: Readonly<Record<string, string>>;
  readonly stderr?: string;
  check(received: Backend, result: FixtureResult): void;
}

/** The one span named `work`. */
function work(backend: Backend) {
  const spans = backend.spans().filter(({ name }) => name === 'work');
  expect(spans).toHaveLength(1);
  const [span] = spans;
  if (span === undefined) throw new Error('no span');
  return span;
}

function logRecord(backend: Backend) {
  const [record] = backend.logRecords();
  if (record === undefined) throw new Error('no log record');
  return record;
}

function metric(backend: Backend, name: string) {
  const found = backend.metrics().find((point) => point.name === name);
  if (found === undefined) throw new Error(`no metric ${name}`);
  return found;
}

function requests(backend: Backend, path: string) {
  const found = backend.requests.filter((request) => request.path === path);
  expect(found).not.toEqual([]);
  return found;
}

/** A program that emits each signal (test/fixtures/emit-all-signals.mjs), run with these variables. */
const ROWS: readonly Row[] = [
  {
    env: {},
    check(backend) {
      expect(
        new Set(backend.requests.map(({ path, contentType, encoding }) => `${path} ${contentType} ${encoding}`)),
      ).toEqual(
        new Set(['/v1/traces', '/v1/metrics', '/v1/logs'].map((path) => `${path} application/x-protobuf identity`)),
      );
      expect(backend.requests.every(({ headers }) => /^swansong\/\d/.test(headers['user-agent'] ?? ''))).toBe(true);
      expect(work(backend)).toMatchObject({
        status: { code: 0 },
        attributes: { first: 'a long value', second: 2 },
        scope: { name: 'app', version: '1.2.3' },
      });
      expect(logRecord(backend)).toMatchObject({
        traceId: work(backend).traceId,
        spanId: work(backend).spanId,
        body: 'hello',
        severityNumber: 9,
      });
      expect(metric(backend, 'app.counter')).toMatchObject({ value: 3, temporality: 2, monotonic: true });
    },
  },
  {
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    check(backend) {
      expect(new Set(backend.requests.map(({ contentType }) => contentType))).toEqual(new Set(['application/json']));
      expect(work(backend).attributes).toEqual({ first: 'a long value', second: 2 });
    },
  },
  {
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/Protobuf', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
    check(backend) {
      expect(requests(backend, '/v1/traces').map(({ contentType }) => contentType)).toEqual(['application/json']);
      expect(requests(backend, '/v1/logs').map(({ contentType }) => contentType)).toEqual(['application/x-protobuf']);
    },
  },
  {
    env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
    check(backend) {
      expect(new Set(backend.requests.map(({ encoding }) => encoding))).toEqual(new Set(['gzip']));
      expect(work(backend).name).toBe('work');
    },
  },
  {
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'gzip' },
    check(backend) {
      expect(requests(backend, '/v1/traces')[0]?.encoding).toBe('identity');
      expect(requests(backend, '/v1/logs')[0]?.encoding).toBe('gzip');
    },
  },
  {
    env: { OTEL_EXPORTER_OTLP_HEADERS: 'x-token=a%20b,x-other=1', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-other=2' },
    check(backend) {
      expect(requests(backend, '/v1/traces')[0]?.headers).toMatchObject({ 'x-token': 'a b', 'x-other': '2' });
      expect(requests(backend, '/v1/metrics')[0]?.headers).toMatchObject({ 'x-token': 'a b', 'x-other': '1' });
    },
  },
  {
    env: {
      OTEL_SERVICE_NAME: 'shop',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=ignored,service.version=9,deployment.environment.name=a%2Cb',
    },
    check(backend) {
      expect(work(backend).resource).toMatchObject({
        'service.name': 'shop',
        'service.version': '9',
        'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'deployment.environment.name': 'a,b',
        'telemetry.distro.name': 'swansong',
        'telemetry.sdk.name': 'opentelemetry',
        'process.runtime.name': 'nodejs',
      });
      expect(work(backend).resource).not.toHaveProperty('process.command_args');
      expect(logRecord(backend).resource).toEqual(work(backend).resource);
    },
  },
  {
    env: { OTEL_NODE_RESOURCE_DETECTORS: 'none' },
    check(backend) {
      const telemetry = [
        'telemetry.sdk.name',
        'telemetry.sdk.language',
        'telemetry.sdk.version',
        'telemetry.distro.name',
        'telemetry.distro.version',
      ];
      expect(Object.keys(work(backend).resource).toSorted()).toEqual(
        ['service.name', 'service.version', ...telemetry].toSorted(),
      );
      // The nearest package.json that has a name is this project's.
      expect(work(backend).resource['service.name']).toBe('swansong');
    },
  },
  {
    env: { OTEL_TRACES_SAMPLER: 'Always_Off' },
    check(backend) {
      expect(backend.spans()).toEqual([]);
      expect(logRecord(backend).body).toBe('hello');
    },
  },
  {
    env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    check: (backend) => expect(backend.spans()).toEqual([]),
  },
  {
    env: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' },
    check: (backend) => expect(work(backend).name).toBe('work'),
  },
  {
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'NONE' },
    check: (backend) => expect(new Set(backend.requests.map(({ path }) => path))).toEqual(new Set(['/v1/metrics'])),
  },
  {
    env: { OTEL_TRACES_EXPORTER: 'console', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    check(backend, { stdout }) {
      expect(backend.requests).toEqual([]);
      expect(stdout).toContain("name: 'work'");
    },
  },
  {
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'console', OTEL_LOGS_EXPORTER: 'console' },
    check(backend, { stdout }) {
      expect(backend.requests).toEqual([]);
      expect(stdout).toContain("body: 'hello'");
      expect(stdout).toContain("name: 'app.counter'");
    },
  },
  {
    env: { OTEL_TRACES_EXPORTER: 'otlp,otlp/stdout', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    check(backend, { stdout }) {
      const line: unknown = JSON.parse(stdout.split('\n').find((text) => text.includes('resourceSpans')) ?? 'null');
      expect(line).toMatchObject({
        resourceSpans: [
          { scopeSpans: [{ spans: [{ name: 'linked' }, { name: 'work', spanId: work(backend).spanId }] }] },
        ],
      });
    },
  },
  {
    env: { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' },
    check: (backend) => expect(requests(backend, '/v1/traces')).toHaveLength(2),
  },
  {
    env: { OTEL_ATTRIBUTE_COUNT_LIMIT: '1', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '6' },
    stderr: 'swansong: Dropping extra attributes.\n',
    check(backend) {
      expect(work(backend)).toMatchObject({ attributes: { first: 'a long' }, droppedAttributesCount: 1 });
      expect(logRecord(backend)).toMatchObject({ attributes: { first: 'a long' }, droppedAttributesCount: 1 });
    },
  },
  {
    env: { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '0', OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '1' },
    check(backend) {
      expect(work(backend)).toMatchObject({ attributes: {}, droppedAttributesCount: 2 });
      expect(logRecord(backend).attributes).toEqual({ first: 'a', second: 2 });
    },
  },
  {
    env: { OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '0' },
    stderr: 'swansong: Dropping extra attributes.\n',
    check: (backend) => expect(logRecord(backend)).toMatchObject({ attributes: {}, droppedAttributesCount: 2 }),
  },
  {
    env: { OTEL_SPAN_EVENT_COUNT_LIMIT: '1', OTEL_SPAN_LINK_COUNT_LIMIT: '0' },
    stderr: [
      'swansong: Dropped 1 events because eventCountLimit reached',
      'swansong: Dropped 1 links because linkCountLimit reached',
      '',
    ].join('\n'),
    check: (backend) =>
      expect(work(backend)).toMatchObject({
        events: [{ name: 'two' }],
        droppedEventsCount: 1,
        links: [],
        droppedLinksCount: 1,
      }),
  },
  {
    env: { OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '1' },
    check: (backend) =>
      expect(work(backend).events).toMatchObject([{ name: 'one', attributes: { a: 1 } }, { name: 'two' }]),
  },
  {
    env: { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Delta' },
    check: (backend) => expect(metric(backend, 'app.counter').temporality).toBe(1),
  },
  {
    env: { OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram' },
    check: (backend) =>
      expect(metric(backend, 'app.histogram')).toMatchObject({ kind: 'exponentialHistogram', count: 1, sum: 7 }),
  },
  {
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node' },
    check: (backend) =>
      expect(new Set(backend.metrics().map(({ name }) => name))).toEqual(new Set(['app.counter', 'app.histogram'])),
  },
  {
    env: { OTEL_BSP_MAX_QUEUE_SIZE: 'many', OTEL_TRACES_SAMPLER: 'sometimes' },
    stderr: [
      'swansong: OTEL_TRACES_SAMPLER: expected one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio (got "sometimes"), using parentbased_always_on',
      'swansong: OTEL_BSP_MAX_QUEUE_SIZE: expected an integer from 1 to 2147483647 (got "many"), using 2048',
      '',
    ].join('\n'),
    check: (backend) => expect(work(backend).name).toBe('work'),
  },
  {
    env: { OTEL_BSP_MAX_QUEUE_SIZE: 'many', OTEL_LOG_LEVEL: 'error' },
    check: (backend) => expect(work(backend).name).toBe('work'),
  },
];

describe('a program with these variables', () => {
  it.each(ROWS.map((row) => [row.env, row] as const))('%j', async (env, row) => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'emit-all-signals.mjs',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, ...env },
    });
    expect(result).toMatchObject({ code: 0, signal: null, stderr: row.stderr ?? '' });
    expect(result.stdout).toContain('{"ok":true,"timedOut":false}\n');
    row.check(backend, result);
  });

  it('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is, for spans only', async () => {
    const [traces, rest] = await Promise.all([startBackend(), startBackend()]);
    const result = await runFixture({
      program: 'emit-all-signals.mjs',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${rest.url}/`,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${traces.url}/v1/traces`,
      },
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(work(traces).name).toBe('work');
    expect(new Set(rest.requests.map(({ path }) => path))).toEqual(new Set(['/v1/metrics', '/v1/logs']));
  });

  it('OTEL_EXPORTER_OTLP_CERTIFICATE trusts a private CA', async () => {
    const backend = await startBackend({ kind: 'ok' }, { tls: serverCertificate });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    const trusted = await runFixture({
      program: 'emit-all-signals.mjs',
      env: { ...env, OTEL_EXPORTER_OTLP_CERTIFICATE: authority },
    });
    expect(trusted).toEqual({ code: 0, signal: null, stdout: '{"ok":true,"timedOut":false}\n', stderr: '' });
    expect(work(backend).name).toBe('work');
    const distrusted = await runFixture({ program: 'emit-all-signals.mjs', env });
    expect(distrusted).toMatchObject({ code: 0, stdout: '{"ok":false,"timedOut":true}\n' });
    expect(distrusted.stderr).toMatch(
      /^swansong: cannot deliver telemetry to https:\/\/127\.0\.0\.1:\d+: unable to verify/,
    );
    expect(distrusted.stderr).toMatch(/\nswansong: lost at the end of the process: 2 spans \(unable to verify .*\n$/);
  });

  it('OTEL_EXPORTER_OTLP_CLIENT_KEY and _CLIENT_CERTIFICATE authenticate the client', async () => {
    const tls = { ...serverCertificate, clientCa: authority };
    const backend = await startBackend({ kind: 'ok' }, { tls });
    const result = await runFixture({
      program: 'emit-all-signals.mjs',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_EXPORTER_OTLP_CERTIFICATE: authority,
        OTEL_EXPORTER_OTLP_CLIENT_KEY: clientCertificate.key,
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: clientCertificate.cert,
      },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '{"ok":true,"timedOut":false}\n', stderr: '' });
    expect(requests(backend, '/v1/traces')[0]?.client).toBe('swansong test client');
  });

  it('OTEL_EXPORTER_OTLP_PROTOCOL=grpc names the packages to install, and the application runs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'swansong-grpc-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const program = join(directory, 'app.mjs');
    writeFileSync(program, "console.log('runs');");
    const env = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
    expect(await runFixture({ program, env })).toEqual({
      code: 0,
      signal: null,
      stdout: 'runs\n',
      stderr:
        'swansong: OTLP over gRPC (trace) needs the package @opentelemetry/exporter-trace-otlp-grpc: npm install @opentelemetry/exporter-trace-otlp-grpc; spans are not exported\n',
    });
  });

  it('a secret is never printed, not even at OTEL_LOG_LEVEL=verbose', async () => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'emit-all-signals.mjs',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer s3cret',
        OTEL_LOG_LEVEL: 'verbose',
      },
    });
    expect(requests(backend, '/v1/traces')[0]?.headers['authorization']).toBe('Bearer s3cret');
    expect(result.stderr).toContain('OTEL_EXPORTER_OTLP_HEADERS');
    expect(result.stderr).not.toContain('s3cret');
  });
});
