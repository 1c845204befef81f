import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { decodeRequest } from '../support/decode-request.ts';
import { flattenLogRecords, flattenMetrics, flattenSpans } from '../support/flatten-otlp.ts';
import { startGrpcBackend } from '../support/grpc-backend.ts';
import type { ReceivedLogRecord, ReceivedMetric, ReceivedSpan } from '../support/received-telemetry.ts';
import { runFixture } from '../support/run-fixture.ts';

interface Arrived {
  readonly spans: readonly ReceivedSpan[];
  readonly logRecords: readonly ReceivedLogRecord[];
  readonly metrics: readonly ReceivedMetric[];
}

/** Of the misused spans: name, and what of it could be mended. */
const SPANS = {
  'of a tracer without a name': { scope: '' },
  'of tracer 42': { scope: '42' },
  'of a tracer that is a symbol': { scope: '' },
  unknown: {},
  '42': {},
  'null options': {},
  'null context': {},
  kind: {},
  time: {},
  date: {},
  hrtime: {},
  far: {},
  links: {},
  'links object': {},
  attributes: { attributes: { ok: 1 } },
  getter: { attributes: { read: 'yes' } },
  proxy: {},
  'throwing options': {},
  active: {},
  setAttribute: { attributes: { ok: 1 } },
  setAttributes: { attributes: { read: 'yes' } },
  addEvent: { events: ['unknown', 'event', 'event'] },
  addLink: {},
  setStatus: {},
  updateName: {},
  recordException: { events: ['exception', 'exception', 'exception'] },
  'end NaN': {},
  'end far': {},
};

const DEEP = Array.from({ length: 24 }).reduce<unknown>((deep) => ({ deep }), '[Object]');

const BODIES = [
  'of logger 42',
  { name: 'circular', self: '[Circular]' },
  DEEP,
  { thrown: '[cannot be read: a getter threw]', read: 'yes' },
  "[cannot be read: Cannot perform 'getPrototypeOf' on a proxy that has been revoked]",
  expect.stringMatching(/^TypeError: in a body\n {4}at [^]*\[cause\]: Error: its cause\n/),
  { key: [1] },
  '1970-01-01T00:00:00.000Z',
  'YQ==',
  '10',
  'timestamp',
  'date',
  'severity',
  'attributes',
  'null attributes',
  'context',
  'exception',
];

const METRICS = [
  'of.meter.42 {} 1',
  'app.counter {} 1',
  'app.counter {"kept":"yes"} 2',
  'app.counter {"read":"yes"} 1',
  'app.histogram {} undefined',
  'app.infinite {} Infinity',
  'app.huge {} 1e+300',
  'app.nan {} undefined',
  'app.observed {} 1',
  'app.observed {"other":"yes"} 2',
];

const isGood = (name: unknown): boolean => typeof name === 'string' && name.startsWith('good ');
const goodNames = (kind: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `good ${kind} ${index}`);

/** That every item which is right has arrived, and what became of those that are not. */
function expectAll({ spans, logRecords, metrics }: Arrived, misused: number): void {
  expect(
    spans
      .map(({ name }) => name)
      .filter(isGood)
      .toSorted(),
  ).toEqual(goodNames('span', misused).toSorted());
  const mended = Object.fromEntries(
    spans
      .filter(({ name }) => !isGood(name))
      .map(({ name, scope, kind, attributes, events, links, status, startTimeUnixNano, endTimeUnixNano }) => [
        name,
        {
          scope: scope.name,
          kind,
          attributes,
          events: events.map((event) => event.name),
          links,
          status: status.code,
          isTimed: startTimeUnixNano > 0n && endTimeUnixNano >= startTimeUnixNano,
        },
      ]),
  );
  const usual = { scope: 'app', kind: 1, attributes: {}, events: [], links: [], status: 0, isTimed: true };
  expect(mended).toEqual(
    Object.fromEntries(Object.entries(SPANS).map(([name, mend]) => [name, { ...usual, ...mend }])),
  );
  expect(logRecords.find(({ eventName }) => eventName === 'exception')).toMatchObject({
    body: 'Error: reported',
    attributes: { read: 'yes', 'exception.message': 'reported' },
  });
  const records = logRecords.filter(({ scope }) => scope.name !== 'swansong');
  expect(
    records
      .flatMap(({ body }) => (typeof body === 'string' ? [body] : []))
      .filter(isGood)
      .toSorted(),
  ).toEqual(goodNames('record', misused).toSorted());
  const bodies = records.filter(({ body }) => !isGood(body));
  expect(bodies.map(({ body }) => body)).toEqual(expect.arrayContaining(BODIES));
  expect(bodies).toHaveLength(BODIES.length);
  expect(records.every(({ timeUnixNano }) => timeUnixNano > 0n)).toBe(true);
  const points = metrics
    .filter(({ scope }) => ['app', '42'].includes(scope.name))
    .map(({ name, attributes, value }) => `${name} ${JSON.stringify(attributes)} ${value}`);
  expect(points.toSorted()).toEqual([...METRICS, `app.good {} ${misused}`].toSorted());
}

function arrivedAt(backend: Backend): Arrived {
  expect(backend.requests.filter(({ problem }) => problem !== undefined)).toEqual([]);
  return { spans: backend.spans(), logRecords: backend.logRecords(), metrics: backend.metrics() };
}

function arrivedOn(stdout: string): Arrived {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"resource'));
  const requests = lines.map((line) => decodeRequest('traces', 'application/json', Buffer.from(line)));
  return {
    spans: requests.flatMap((request) => flattenSpans(request, 0)),
    logRecords: requests.flatMap((request) => flattenLogRecords(request, 0)),
    metrics: requests.flatMap((request) => flattenMetrics(request, 0)),
  };
}

/** Lines about what was lost, which nothing is. */
function losses(stderr: string): string[] {
  return stderr.split('\n').filter((line) => /\b(?:lost|losing|cannot deliver)\b/.test(line));
}

const MISUSED = 57;
const KEPT = { undelivered: 0, dropped: {} };
const NOTHING_DROPPED = { spans: KEPT, records: KEPT, collections: KEPT };

describe('whatever the API is given: it throws nothing into the application, and its neighbours arrive', () => {
  it.each([
    ['http/protobuf', 'drain'],
    ['http/protobuf', 'flush'],
    ['http/json', 'drain'],
    ['http/json', 'flush'],
  ])('over %s, at the end by %s', async (protocol, end) => {
    const backend = await startBackend();
    const { code, stdout, stderr } = await runFixture({
      program: 'misuse.mjs',
      args: [end],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol },
    });
    expect({ code, losses: losses(stderr), threw: stdout.match(/.* threw .*/g) }).toEqual({
      code: 0,
      losses: [],
      threw: null,
    });
    // Nothing is printed but the report of the flush.
    expect(stdout === '').toBe(end === 'drain');
    expect(stdout === '' ? { ok: true, ...NOTHING_DROPPED } : JSON.parse(stdout)).toMatchObject({
      ok: true,
      ...NOTHING_DROPPED,
    });
    expectAll(arrivedAt(backend), MISUSED);
  });

  it.each(['drain', 'flush'])('over grpc, at the end by %s', async (end) => {
    const backend = await startGrpcBackend();
    const { code, stdout, stderr } = await runFixture({
      program: 'misuse.mjs',
      args: [end],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${backend.target}`, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    });
    expect({ code, losses: losses(stderr), threw: stdout.match(/.* threw .*/g) }).toEqual({
      code: 0,
      losses: [],
      threw: null,
    });
    expectAll(backend, MISUSED);
  });

  it.each(['drain', 'flush'])('to otlp/stdout, at the end by %s', async (end) => {
    const { code, stdout, stderr } = await runFixture({
      program: 'misuse.mjs',
      args: [end],
      env: {
        OTEL_TRACES_EXPORTER: 'otlp/stdout',
        OTEL_LOGS_EXPORTER: 'otlp/stdout',
        OTEL_METRICS_EXPORTER: 'otlp/stdout',
      },
    });
    const lines = stdout.split('\n').filter((line) => line.startsWith('{"resource'));
    expect({
      code,
      losses: losses(stderr),
      threw: stdout.match(/^.* threw .*$/gm)?.filter((line) => !lines.includes(line)),
    }).toEqual({
      code: 0,
      losses: [],
      threw: undefined,
    });
    expectAll(arrivedOn(stdout), MISUSED);
  });
});

describe('what cannot be encoded is counted by itself, and its neighbours arrive', () => {
  const TRANSPORTS = ['http/protobuf', 'http/json', 'grpc', 'otlp/stdout'] as const;

  async function run(transport: (typeof TRANSPORTS)[number], end: string) {
    const backend = await startBackend();
    const grpc = await startGrpcBackend();
    const env: Record<string, string> =
      transport === 'otlp/stdout'
        ? {
            OTEL_TRACES_EXPORTER: transport,
            OTEL_LOGS_EXPORTER: transport,
            OTEL_METRICS_EXPORTER: transport,
          }
        : {
            OTEL_EXPORTER_OTLP_PROTOCOL: transport,
            OTEL_EXPORTER_OTLP_ENDPOINT: transport === 'grpc' ? `http://${grpc.target}` : backend.url,
          };
    const { code, stdout, stderr } = await runFixture({ program: 'poison.mjs', args: [end], env });
    const arrived = transport === 'otlp/stdout' ? arrivedOn(stdout) : transport === 'grpc' ? grpc : arrivedAt(backend);
    const report = stdout.split('\n').find((line) => line.startsWith('{"ok"'));
    return {
      code,
      spans: arrived.spans.length,
      records: arrived.logRecords.filter(({ scope }) => scope.name === 'app').length,
      points: arrived.metrics.filter(({ scope }) => scope.name === 'app').length,
      lines: losses(stderr).map((line) => line.replaceAll(/\(invalid: [^)]*\)+/g, '(invalid: …)')),
      report: report === undefined ? undefined : JSON.parse(report),
    };
  }

  const ALL = { code: 0, spans: 150, records: 150, points: 151 };

  it.each(TRANSPORTS)('while the process lives: %s', async (transport) => {
    const { report, lines, ...arrived } = await run(transport, 'flush');
    expect(arrived).toEqual(ALL);
    expect(report).toMatchObject({
      ok: false,
      spans: { delivered: 150, undelivered: 0, dropped: { invalid: 1 } },
      records: { undelivered: 0, dropped: { invalid: 1 } },
      collections: { delivered: 1, undelivered: 0, dropped: {} },
      dropped: { invalid: 1 },
    });
    // The signals are sent side by side: which of them is told first is not always the same.
    const told = lines.slice(0, -1).toSorted((one, other) => one.localeCompare(other));
    expect([...told, ...lines.slice(-1)]).toEqual([
      expect.stringMatching(/^swansong: losing log records \(invalid\): .+; further losses are only counted$/),
      expect.stringMatching(
        /^swansong: losing parts of collections of metrics \(invalid\): .+; further losses are only counted$/,
      ),
      expect.stringMatching(/^swansong: losing spans \(invalid\): .+; further losses are only counted$/),
      'swansong: lost at the end of the process: 1 span (invalid), 1 log record (invalid)',
    ]);
  });

  it.each(TRANSPORTS)('at its end: %s', async (transport) => {
    const { report, lines, ...arrived } = await run(transport, 'drain');
    expect(arrived).toEqual(ALL);
    expect(report).toBe(undefined);
    expect(lines).toEqual([
      'swansong: lost at the end of the process: 1 span (invalid: …), 1 log record (invalid: …), 1 data point (invalid: …)',
    ]);
  });
});
