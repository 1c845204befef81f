import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { bundle } from '../support/bundle.ts';
import { type FixtureOptions, type FixtureResult, runFixture } from '../support/run-fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function run(
  program: string,
  { env, ...options }: Partial<FixtureOptions> = {},
): Promise<FixtureResult & { readonly backend: Backend }> {
  const backend = await startBackend();
  const result = await runFixture({
    program: `logs/${program}`,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, ...env },
    ...options,
  });
  return { ...result, backend };
}

/** Without swansong's records about the life of the process. */
function told(backend: Backend): unknown[] {
  const names = new Map(backend.spans().map(({ spanId, name }) => [spanId, name]));
  return backend
    .logRecords()
    .filter(({ eventName }) => !eventName.startsWith('swansong.process.'))
    .map(({ scope, severityText, severityNumber, eventName, body, attributes, spanId }) => ({
      scope: scope.name,
      severity: `${severityText} ${severityNumber}`,
      body,
      ...(eventName === '' ? {} : { eventName }),
      ...(spanId === '' ? {} : { span: names.get(spanId) }),
      attributes,
    }));
}

const EXCEPTION = {
  'exception.type': 'TypeError',
  'exception.message': 'no tea',
  'exception.stacktrace': 'TypeError: no tea\n    at shop',
};
const BY_PINO = [
  {
    scope: 'swansong/pino',
    severity: 'info 9',
    body: 'hello you',
    attributes: {
      module: 'shop',
      none: null,
      list: [1, null, { a: 1.5 }],
      user: { name: 'x', password: '[Redacted]' },
      password: '[Redacted]',
    },
  },
  { scope: 'swansong/pino', severity: 'error 17', body: 'no tea', span: 'work', attributes: EXCEPTION },
];
const BY_CONSOLE = [{ scope: 'swansong/console', severity: 'warn 13', body: 'tea for 2', attributes: {} }];

describe.each(['write.mjs', 'write.cjs'])('%s', (program) => {
  it.each([
    ['by default, lines of pino', [], undefined, BY_PINO],
    ['with a transport, which is a worker thread', ['transport'], undefined, BY_PINO],
    ['pino,console', [], 'pino,console', [...BY_PINO, ...BY_CONSOLE]],
    ['console', [], 'console', BY_CONSOLE],
    ['none', [], 'none', []],
  ])('records, %s, and what the program writes stays the same', async (_title, args, logs, records) => {
    const plain = await runFixture({ program: `logs/${program}`, args, preload: 'none' });
    const { backend, ...result } = await run(program, { args, env: logs === undefined ? {} : { SWANSONG_LOGS: logs } });
    const subscribed = ['pino', 'console'].map((source) => (logs ?? 'pino').includes(source)).join(' ');
    expect(result).toEqual({ ...plain, stderr: plain.stderr.replace('false false', subscribed) });
    expect(told(backend)).toEqual(records);
    expect(JSON.stringify(backend.requests)).not.toContain('hunter2');
  });
});

it.each([
  ['OTEL_NODE_DISABLED_INSTRUMENTATIONS', { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pino' }],
  ['OTEL_NODE_ENABLED_INSTRUMENTATIONS', { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,console' }],
  ['OTEL_LOGS_EXPORTER', { OTEL_LOGS_EXPORTER: 'none' }],
])('by %s nobody listens', async (_title, env) => {
  const { backend, stderr } = await run('write.mjs', { env });
  expect([stderr, told(backend)]).toEqual(['tea for 2\nfalse false\n', []]);
});

const RECORD = { scope: 'swansong', body: 'TypeError: no tea', eventName: 'exception' };
const FATAL = { ...RECORD, severity: 'FATAL 21', attributes: expect.objectContaining(EXCEPTION) };
const LINE = { scope: 'swansong/pino', severity: 'error 17', body: 'no tea', attributes: EXCEPTION };

describe('a process that ends right after a line', () => {
  it.each([
    ['exit', [LINE], 1],
    [
      'throw',
      [
        { ...LINE, span: 'work' },
        { ...FATAL, span: 'work' },
      ],
      1,
    ],
    ['throw-fatal', [{ ...LINE, severity: 'fatal 21' }], 1],
    ['throw-warned', [{ ...LINE, severity: 'warn 13' }, FATAL], 1],
    ['reject', [LINE, FATAL], 1],
    [
      'handle',
      [
        { ...FATAL, severity: 'ERROR 17' },
        {
          ...LINE,
          severity: 'fatal 21',
          body: 'giving up',
          attributes: { err: { type: 'TypeError', message: 'no tea' } },
        },
      ],
      1,
    ],
    ['report', [{ ...LINE, span: 'work' }], 0],
    ['on-exit', [{ ...LINE, severity: 'info 9', body: 'bye', attributes: {} }], 0],
  ])('%s: has its line, and one record of its error per severity', async (end, records, code) => {
    const { backend, ...result } = await run('end.mjs', { args: [end] });
    expect([result.code, told(backend)]).toEqual([code, records]);
    const exceptions = backend.spans().map(({ name, events, status }) => [name, events.length, status.code]);
    expect(exceptions).toEqual(end === 'throw' || end === 'report' ? [['work', 1, 2]] : []);
  });

  it('after shutdown(): the line is sent, and not said to be late', async () => {
    const { backend, ...result } = await run('end.mjs', { args: ['after-shutdown'] });
    expect(result).toEqual({
      code: 0,
      signal: null,
      stdout: '{"level":30,"msg":"closing"}\n{"level":30,"msg":"bye"}\n',
      stderr: '',
    });
    expect(told(backend)).toMatchObject([{ body: 'closing' }, { body: 'bye' }]);
  });
});

it("Fastify's logger: in the span of the request, and one record has the error", async () => {
  const { backend } = await run('fastify.mjs');
  const line = { scope: 'swansong/pino', severity: 'info 9', span: expect.stringMatching(/^GET/) };
  const attributes: unknown = expect.objectContaining({ reqId: 'req-1' });
  const exception = { 'exception.type': 'RangeError', 'exception.message': 'no such order' };
  expect(told(backend)).toEqual([
    { scope: 'swansong/pino', severity: 'info 9', body: expect.stringContaining('Server listening'), attributes: {} },
    { ...line, body: 'incoming request', attributes },
    { ...line, body: 'an order', attributes: { reqId: 'req-1', order: '7' } },
    {
      ...line,
      severity: 'error 17',
      body: 'no such order',
      attributes: expect.objectContaining({ err: { type: 'RangeError', message: 'no such order' } }),
    },
    { ...line, body: 'request completed', attributes },
    // In OTLP it is after them, with its scope; it was before Fastify's own line.
    {
      ...line,
      scope: 'swansong',
      severity: 'ERROR 17',
      eventName: 'exception',
      body: 'RangeError: no such order',
      attributes: expect.objectContaining(exception),
    },
  ]);
});

it('what fails in it costs one line on stderr, and none of the application', async () => {
  const { backend, ...result } = await run('break.mjs');
  expect([result.code, told(backend)]).toEqual([0, []]);
  expect(result.stdout).toBe(['one', 'two', 'three'].map((msg) => `{"level":30,"msg":"${msg}"}\n`).join(''));
  expect(result.stderr).toMatch(
    /^swansong: a line of pino could not be recorded Error: broken on purpose\n(?: {4}at .*\n)+$/,
  );
});

it('of a line with many or long fields, what the limits allow', async () => {
  const { backend } = await run('write.mjs', {
    env: { OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '2', OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3' },
  });
  const [line] = backend.logRecords();
  expect([line?.attributes, line?.droppedAttributesCount]).toEqual([{ module: 'sho', none: null }, 3]);
});

it('in a bundle', async () => {
  const fixture = fileURLToPath(new URL('../fixtures/logs/write.cjs', import.meta.url));
  const { backend } = await run('', { program: await bundle(fixture, 'cjs') });
  expect(told(backend)).toEqual(BY_PINO);
});

describe('the console', () => {
  it('messages of OpenTelemetry that come by it are no lines without end', async () => {
    const { backend, code } = await run('console-of-diag.mjs', { env: { SWANSONG_LOGS: 'console' } });
    const bodies = backend
      .logRecords()
      .flatMap(({ body }) => (typeof body === 'string' && body.startsWith('line ') ? [body] : []));
    expect([code, bodies]).toEqual([0, Array.from({ length: 10 }, (_, line) => `line ${line}`)]);
  });

  it('the exporters that print to it do not come back', async () => {
    const { stdout, code } = await run('write.mjs', {
      env: { SWANSONG_LOGS: 'console', OTEL_LOGS_EXPORTER: 'console', OTEL_TRACES_EXPORTER: 'console' },
    });
    expect([code, stdout.match(/body: '.*'/g)]).toEqual([0, ["body: 'tea for 2'"]]);
  });
});

it('@opentelemetry/instrumentation-pino takes the place of ours', async () => {
  const name = '@opentelemetry/instrumentation';
  const folder = await temporaryFolder();
  const packageFolder = join(folder, 'node_modules', `${name}-pino`);
  mkdirSync(packageFolder, { recursive: true });
  const installed = fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url));
  symlinkSync(installed, join(folder, 'node_modules', name));
  writeFileSync(
    join(packageFolder, 'index.js'),
    'exports.Fake = class { enable() {} disable() {} setTracerProvider() {} setMeterProvider() {} };',
  );
  const program = join(folder, 'program.mjs');
  const fixture = new URL('../fixtures/logs/write.mjs', import.meta.url);
  writeFileSync(program, `await import(${JSON.stringify(fixture.href)});`);
  const { stderr } = await run('', { program, env: { SWANSONG_INSTRUMENTATIONS: `${name}-pino` } });
  expect(stderr).toBe('tea for 2\nfalse false\n');
});
