import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { fakePostgres } from '../support/fake-postgres.ts';
import { type FixtureOptions, type FixtureResult, runFixture } from '../support/run-fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PREFIX = '@opentelemetry/instrumentation-';
const installed = fileURLToPath(new URL('../../node_modules', import.meta.url));

interface Run extends FixtureResult {
  /** `scope: name`, sorted. */
  readonly spans: readonly string[];
  readonly backend: Backend;
}

async function run(
  program: string,
  instrumentations: string,
  { env = {}, ...options }: Partial<FixtureOptions> = {},
): Promise<Run> {
  const backend = await startBackend();
  const result = await runFixture({
    program,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_INSTRUMENTATIONS: instrumentations, ...env },
    ...options,
  });
  const spans = backend.spans().map(({ scope, name }) => `${scope.name}: ${name}`);
  return { ...result, spans: spans.toSorted(), backend };
}

/** What a test compares: everything but the backend. */
function shown({ backend: _backend, ...rest }: Run): Omit<Run, 'backend'> {
  return rest;
}

const ENDS = { code: 0, signal: null, stdout: '', stderr: '' };
const HTTP_SPANS = ['swansong/http: GET /orders/:id', 'swansong/undici: GET'];

describe.each(['mjs', 'cjs'])('in a program.%s', (extension) => {
  const told = [
    `${PREFIX}pg: pg-pool.connect`,
    `${PREFIX}pg: pg.connect`,
    `${PREFIX}pg: pg.query:SELECT shop`,
    'program: work',
  ];

  it.each(['pg', `${PREFIX}pg`, `pg, PG,${PREFIX}pg`])('%s takes the place of ours, once', async (name) => {
    const args = [String(await fakePostgres())];
    expect(shown(await run(`pg/query.${extension}`, name, { args }))).toEqual({ ...ENDS, stdout: '2\n', spans: told });
  });

  it('a built-in one that is disabled can be replaced, too', async () => {
    const args = [String(await fakePostgres())];
    const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg' };
    expect(shown(await run(`pg/query.${extension}`, 'pg', { args, env }))).toEqual({
      ...ENDS,
      stdout: '2\n',
      spans: told,
    });
  });

  it('options of a short name', async () => {
    const options = { express: { ignoreLayersType: ['middleware', 'request_handler'] } };
    const env = { SWANSONG_INSTRUMENTATIONS_CONFIG: JSON.stringify(options) };
    const runs = [
      await run(`express-app.${extension}`, 'express'),
      await run(`express-app.${extension}`, 'express', { env }),
    ];
    expect(runs.map(shown)).toEqual([
      { ...ENDS, spans: [`${PREFIX}express: request handler`, ...HTTP_SPANS] },
      { ...ENDS, spans: HTTP_SPANS },
    ]);
  });

  it('@fastify/otel, whose module is the class, records each instance of Fastify', async () => {
    const result = await run(`packages/fastify.${extension}`, '@fastify/otel');
    const server = result.backend.spans().find(({ kind }) => kind === 2);
    expect([shown(result), server?.attributes['http.route']]).toEqual([
      {
        ...ENDS,
        spans: ['@fastify/otel: handler - fastify -> @fastify/otel', '@fastify/otel: request', ...HTTP_SPANS],
      },
      '/orders/:id',
    ]);
  });

  it('@fastify/otel does not where its options say so', async () => {
    const env = { SWANSONG_INSTRUMENTATIONS_CONFIG: '{"@fastify/otel":{"registerOnInitialization":false}}' };
    const { spans } = await run(`packages/fastify.${extension}`, '@fastify/otel', { env });
    expect(spans.filter((span) => span.startsWith('@fastify'))).toEqual([]);
  });

  it.each([
    ['graphql', {}, 'the built-in graphql stays', ['program: work', 'swansong/graphql: query one']],
    ['graphql', { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'graphql' }, 'going on without it', ['program: work']],
  ])('instrumentation-%s does not support version 17: %j %s', async (name, env, outcome, spans) => {
    expect(shown(await run(`packages/graphql.${extension}`, name, { env }))).toEqual({
      ...ENDS,
      stderr: `swansong: ${PREFIX}graphql supports graphql >=14.0.0 <17, and 17.1.0 is installed; ${outcome}\n`,
      spans,
    });
  });

  it('with the option `enabled` false ours stays', async () => {
    const env = { SWANSONG_INSTRUMENTATIONS_CONFIG: '{"graphql":{"enabled":false}}' };
    const spans = ['program: work', 'swansong/graphql: query one'];
    expect(shown(await run(`packages/graphql.${extension}`, 'graphql', { env }))).toEqual({ ...ENDS, spans });
  });

  it('instrumentation-pino takes the place of ours: each line is one record', async () => {
    const env = { SWANSONG_LOGS: 'pino,console' };
    const { backend, code, stderr } = await run(`logs/write.${extension}`, 'pino', { env });
    expect({ code, stderr, lines: lines(backend).map(({ scope, body }) => [scope, body]) }).toEqual({
      code: 0,
      stderr: 'tea for 2\nfalse true\n',
      lines: [
        [`${PREFIX}pino`, 'hello you'],
        [`${PREFIX}pino`, 'no tea'],
        ['swansong/console', 'tea for 2'],
      ],
    });
  });

  it('instrumentation-winston sends the lines of winston, in the context of their caller', async () => {
    const { backend, ...result } = await run(`packages/winston.${extension}`, 'winston');
    const span = backend.spans().find(({ name }) => name === 'work');
    const { spanId, traceId } = { spanId: span?.spanId, traceId: span?.traceId };
    expect({ ...result, stdout: JSON.parse(result.stdout), lines: lines(backend) }).toEqual({
      ...ENDS,
      stdout: { level: 'warn', message: 'tea for 2', table: 7, span_id: spanId, trace_flags: '01', trace_id: traceId },
      spans: ['program: work'],
      lines: [
        {
          scope: '@opentelemetry/winston-transport',
          severity: 13,
          body: 'tea for 2',
          attributes: { table: 7 },
          spanId,
        },
      ],
    });
  });
});

/** Without swansong's records about the life of the process. */
function lines(backend: Backend) {
  return backend
    .logRecords()
    .filter(({ eventName }) => !eventName.startsWith('swansong.process.'))
    .map(({ scope, severityNumber: severity, body, attributes, spanId }) => ({
      scope: scope.name,
      severity,
      body,
      attributes,
      spanId,
    }));
}

/** A program of its own that does nothing, with packages: their sources by name. */
async function applicationWith(
  packages: Readonly<Record<string, string>>,
  dependencies: readonly string[] = [],
): Promise<string> {
  const folder = await temporaryFolder();
  const write = (name: string, file: string, text: string): void => {
    const path = join(folder, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (const [name, source] of Object.entries(packages)) {
    const path = `node_modules/${name}`;
    if (source === 'installed') {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      symlinkSync(join(installed, name), join(folder, path));
    } else if (/^\d/.test(source)) write(path, 'package.json', JSON.stringify({ name, version: source }));
    else write(path, 'index.js', source);
  }
  write(
    '.',
    'package.json',
    JSON.stringify({ name: 'shop', dependencies: Object.fromEntries(dependencies.map((name) => [name, '*'])) }),
  );
  write('.', 'program.cjs', '');
  return join(folder, 'program.cjs');
}

const METHODS = 'enable() {} disable() { console.log("disabled"); } setTracerProvider() {} setMeterProvider() {}';
const CLASS = `exports.Fake = class { ${METHODS} };`;

describe('one that cannot be used is one line, and the application goes on', () => {
  it.each([
    [
      'tedious',
      {},
      `SWANSONG_INSTRUMENTATIONS needs the package ${PREFIX}tedious: npm install ${PREFIX}tedious; going on without it`,
    ],
    [
      'pg',
      {},
      `SWANSONG_INSTRUMENTATIONS needs the package ${PREFIX}pg: npm install ${PREFIX}pg; the built-in pg stays`,
    ],
    ['a', {}, 'SWANSONG_INSTRUMENTATIONS needs the package a: npm install a; going on without it'],
    [
      'a',
      { a: 'exports.a = 1;' },
      'a exports no instrumentation (a class with enable() and disable()); going on without it',
    ],
    ['a', { a: 'throw new Error("broken")' }, 'a could not be loaded: Error: broken; going on without it'],
    [
      `${PREFIX}pg`,
      { [`${PREFIX}pg`]: `exports.Fake = class { constructor() { throw new Error('broken'); } ${METHODS} };` },
      `${PREFIX}pg could not be started: broken; the built-in pg stays`,
    ],
    [
      'a',
      { a: `${CLASS} exports.Other = class { constructor() { throw new Error('broken'); } ${METHODS} };` },
      'a could not be started: broken; going on without it',
      'disabled\n',
    ],
    [
      'express,router',
      { [`${PREFIX}express`]: 'installed', [`${PREFIX}router`]: 'installed' },
      `${PREFIX}router would record again what ${PREFIX}express does; going on without it`,
    ],
    [
      'winston',
      { [`${PREFIX}winston`]: 'installed', winston: '9.0.0' },
      `${PREFIX}winston supports winston >=3 <4 || >=1 <3, and 9.0.0 is installed; nothing is recorded of that`,
    ],
  ])('%s, where %j', async (name, packages: Readonly<Record<string, string>>, line, stdout = '') => {
    const program = await applicationWith(packages);
    expect(shown(await run(program, name))).toEqual({ ...ENDS, stdout, stderr: `swansong: ${line}\n`, spans: [] });
  });

  it('the others are loaded, also where the module is the class, with options that they may change', async () => {
    const program = await applicationWith({
      b: `module.exports = class { constructor(config) { config.list.push(2); console.log(config); } ${METHODS} };`,
      '@opentelemetry/instrumentation': 'installed',
    });
    const env = { SWANSONG_INSTRUMENTATIONS_CONFIG: '{"b":{"list":[1]}}' };
    expect(shown(await run(program, 'a,b', { env }))).toEqual({
      ...ENDS,
      stdout: '{ list: [ 1, 2 ] }\n',
      stderr: 'swansong: SWANSONG_INSTRUMENTATIONS needs the package a: npm install a; going on without it\n',
      spans: [],
    });
  });
});

describe('@opentelemetry/auto-instrumentations-node is answered with', () => {
  const name = '@opentelemetry/auto-instrumentations-node';

  it('the names of what the application depends on, and what is built in', async () => {
    const { stderr } = await run(await applicationWith({}, ['pg', 'winston', '@hapi/hapi']), name);
    expect(stderr).toMatch(
      /^swansong: instead of \S+-node set SWANSONG_INSTRUMENTATIONS=hapi,winston and npm install @opentelemetry\/instrumentation-hapi @opentelemetry\/instrumentation-winston \(built in: [\w, -]*\bpg\b[\w, -]*\); going on without it\n$/,
    );
  });

  it('that it is not needed', async () => {
    const { stderr } = await run(await applicationWith({}, ['pg']), name);
    expect(stderr).toMatch(
      /^swansong: \S+-node is not needed for this application \(built in: [\w, -]*\); going on without it\n$/,
    );
  });
});
