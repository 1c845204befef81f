import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

const SERVER = 2;
const STATUS = ['unset', 'ok', 'error'];

/** `name route, response status, span status, error.type, events, log records`; the last three only of a failure. */
type Served = readonly [path: unknown, name: string, route: unknown, status: unknown, ...failure: unknown[]];

function served(backend: Backend): Served[] {
  const errors = backend.logRecords().filter(({ eventName }) => eventName === 'exception');
  return backend
    .spans()
    .filter(({ kind }) => kind === SERVER)
    .map(({ name, attributes, status, events, spanId }): Served => {
      const records = errors.filter((record) => record.spanId === spanId);
      const failure = [
        attributes['error.type'],
        STATUS[status.code],
        events.map((event) => event.attributes['exception.message']),
        records.map((record) => `${record.severityText} ${JSON.stringify(record.attributes['exception.message'])}`),
      ];
      return [
        attributes['url.path'],
        name,
        attributes['http.route'],
        attributes['http.response.status_code'],
        ...(status.code === 0 && events.length + records.length === 0 ? [] : failure),
      ];
    });
}

/** A request with a route and its name by it. */
const at = (path: string, route: string, status: number, ...failure: unknown[]): Served => [
  path,
  `GET ${route}`,
  route,
  status,
  ...failure,
];

/** A request without a route. */
const without = (path: string, status: number, ...failure: unknown[]): Served => [
  path,
  'GET',
  undefined,
  status,
  ...failure,
];

const recorded = (type: string, message: string): unknown[] => [type, 'error', [message], [`ERROR "${message}"`]];
/** All that is known without a channel: the status. */
const UNKNOWN = ['500', 'error', [], []];

interface Expected {
  /** Whether errors are seen. */
  readonly errors: boolean;
  readonly version: 4 | 5;
}

function ofExpress({ errors, version }: Expected): Served[] {
  const told = (type: string, message: string): unknown[] => (errors ? recorded(type, message) : UNKNOWN);
  return [
    at('/', '/', 200),
    at('/orders/7', '/orders/:id', 200),
    at('/old/7', '/orders/:id', 200),
    at('/v12', String.raw`/^\/v\d+$/`, 200),
    at('/b/1', '/b/:one', 200),
    at('/any', '/any', 200),
    at('/chained', '/chained', 200),
    at('/skip/1', '/skip/:other', 200),
    at('/fail/1', '/fail/:id', 500, ...told('TypeError', 'in a handler')),
    at('/later/1', '/later/:id', 500, ...told('RangeError', 'given to next')),
    at('/teapot', '/teapot', 418),
    at('/half', '/half', 200, ...(errors ? recorded('Error', 'after the first half') : [])),
    at('/api/items/5', '/api/items/:item', 200),
    // What Express 4 keeps does not tell how the application has written it.
    version === 5 ? at('/API/items/5', '/api/items/:item', 200) : without('/API/items/5', 200),
    at('/t/9/items/5', '/t/:tenant/items/:item', 200),
    at('/t/9/deep/items/5', '/t/:tenant/deep/items/:item', 200),
    version === 5 ? at('/t/t/items/5', '/t/:tenant/items/:item', 200) : without('/t/t/items/5', 200),
    at('/two/items/3', '/two/items/:item', 200),
    at('/api/broken/1', '/api/broken/:item', 500, ...told('Error', 'in a nested router')),
    at('/api/exit', '/api/exit', 404),
    at('/admin/users/3', '/admin/users/:id', 200),
    at('/admin/in/items/4', '/admin/in/items/:item', 200),
    version === 5
      ? at('/admin/in/broken/4', '/admin/in/broken/:item', 500, ...told('Error', 'in a nested router'))
      : without('/admin/in/broken/4', 500, ...told('Error', 'in a nested router')),
    without('/wrapped/items/3', 200),
    ['/named/3', 'my name', '/named/:id', 200],
    at('/own/3', '/own', 200),
    without('/missing', 404),
  ];
}

/** What an error handler of the application makes something else of. Only `expressErrorHandler()`, which comes before it, records it. */
const MADE_HARMLESS = [at('/mapped', '/mapped', 404), at('/recovered', '/recovered', 200)];

const FASTIFY: Served[] = [
  at('/', '/', 200),
  at('/orders/7', '/orders/:id', 200),
  at('/private/1', '/private/:id', 401),
  at('/hook/1', '/hook/:id', 500, ...recorded('Error', 'in a hook')),
  at('/files/a/b', '/files/*', 200),
  at('/any', '/any', 200),
  at('/valid/1', '/valid/:id', 200),
  at('/valid/x', '/valid/:id', 400),
  at('/fail/1', '/fail/:id', 500, ...recorded('TypeError', 'in a handler')),
  at('/rejected/1', '/rejected/:id', 500, ...recorded('RangeError', 'rejected')),
  at('/sent/1', '/sent/:id', 500, ...recorded('Error', 'sent')),
  at('/teapot', '/teapot', 418),
  at('/v1/t/items/5', '/v1/:tenant/items/:item', 200),
  at('/v1/t/broken/5', '/v1/:tenant/broken/:item', 500, ...recorded('Error', 'before the handler')),
  without('/missing', 404),
];

const NEST: Served[] = [
  at('/api/v1/cats/7', '/api/v1/cats/:id', 200),
  // Nest answers by itself what its controllers throw.
  at('/api/v1/cats/fail/7', '/api/v1/cats/fail/:id', 500, ...UNKNOWN),
  at('/api/v1/cats/none/7', '/api/v1/cats/none/:id', 404),
  without('/missing', 404),
];

async function run(program: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const backend = await startBackend();
  const { stdout, stderr, code } = await runFixture({
    program: `routes/${program}`,
    args,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, NODE_ENV: 'test', ...env },
  });
  return { backend, result: { stdout, stderr, code } };
}

const CLEAN = { stdout: '', stderr: '', code: 0 };

/** Without the requests whose path is in `others`. */
const except = (all: readonly Served[], others: readonly Served[]): Served[] =>
  all.filter(([path]) => others.every(([other]) => other !== path));

const sorted = (all: readonly Served[]): Served[] =>
  all.toSorted(([one], [other]) => String(one).localeCompare(String(other)));

describe.each(['express.mjs', 'express.cjs'])('%s', (program) => {
  it('Express 5: each request has its route, and what was answered with 500 or cut off its error', async () => {
    const { backend, result } = await run(program, ['express', 'without']);
    expect(result).toEqual(CLEAN);
    expect(sorted(served(backend))).toEqual(sorted([...ofExpress({ errors: true, version: 5 }), ...MADE_HARMLESS]));
  });

  it('Express 4: each request has its route', async () => {
    const { backend, result } = await run(program, ['express-4', 'without']);
    expect(result).toEqual(CLEAN);
    expect(sorted(served(backend))).toEqual(sorted([...ofExpress({ errors: false, version: 4 }), ...MADE_HARMLESS]));
  });

  it.each([
    ['express', 5],
    ['express-4', 4],
  ] as const)('%s: with the error handler an error is still told of once', async (name, version) => {
    const { backend, result } = await run(program, [name, 'with']);
    expect(result).toEqual(CLEAN);
    expect(sorted(except(served(backend), MADE_HARMLESS))).toEqual(sorted(ofExpress({ errors: true, version })));
  });
});

it('Fastify: each request has its route, rejected ones too, and its error', async () => {
  const { backend, result } = await run('fastify.mjs', ['without']);
  expect(result).toEqual(CLEAN);
  expect(sorted(served(backend))).toEqual(sorted([...FASTIFY, at('/mapped', '/mapped', 404)]));
});

it('Fastify: with the plugin an error is still told of once', async () => {
  const { backend } = await run('fastify.mjs', ['with']);
  expect(sorted(except(served(backend), MADE_HARMLESS))).toEqual(sorted(FASTIFY));
});

it.each([
  // Nest registers its 404 for the prefix as a route of Express.
  ['express', at('/api/v1/dogs', '/api*path', 404)],
  ['fastify', without('/api/v1/dogs', 404)],
] as const)('Nest on %s: each request has its route', async (platform, missing) => {
  const { backend, result } = await run('nest.mjs', [platform]);
  expect(result).toEqual(CLEAN);
  expect(sorted(served(backend))).toEqual(sorted([...NEST, missing]));
});

it('h3 and srvx: where the application has their tracing, each request has its route and its error', async () => {
  const { backend, result } = await run('h3.mjs');
  expect(result).toEqual(CLEAN);
  expect(served(backend)).toEqual([
    at('/orders/7', '/orders/:id', 200),
    at('/private/1', '/private/:id', 401),
    at('/broken/1', '/broken/:id', 500, ...recorded('RangeError', 'in a middleware')),
    at('/files/a/b', '/files/**', 200),
    at('/fail/1', '/fail/:id', 500, ...recorded('TypeError', 'in a handler')),
    at('/api/items/5', '/api/items/:item', 200),
    without('/missing', 404),
    without('/plain', 200),
    without('/plain/fail', 500, ...recorded('TypeError', 'of a server')),
    without('/plain/refused', 500, ...recorded('SyntaxError', 'of a middleware')),
    without('/plain/rescued/fail', 200),
  ]);
});

it('Koa and Hono: a route that the application names is in the name, too', async () => {
  const koa = await run('koa.mjs');
  const hono = await run('hono.mjs');
  expect([koa.result, hono.result]).toEqual([CLEAN, CLEAN]);
  expect([...served(koa.backend), ...served(hono.backend)]).toEqual([
    at('/api/orders/7', '/api/orders/:id', 200),
    without('/missing', 404),
    at('/orders/7', '/orders/:id', 200),
    at('/api/items/5', '/api/items/:item', 200),
    without('/missing', 404),
  ]);
});

it('the durations have the routes', async () => {
  const { backend } = await run('fastify.mjs', ['without']);
  const routes = backend
    .metrics()
    .filter(({ name }) => name === 'http.server.request.duration')
    .map(({ attributes }) => attributes['http.route']);
  expect(new Set(routes)).toEqual(new Set([...FASTIFY.map(([, , route]) => route), '/mapped']));
});

it('a request that a crash interrupts has its route', async () => {
  const { backend, result } = await run('die.mjs', ['crash']);
  expect(result.code).toBe(1);
  expect(served(backend)).toEqual([
    [
      '/orders/7',
      'GET /orders/:id',
      '/orders/:id',
      undefined,
      'TypeError',
      'error',
      ['in a timer'],
      ['FATAL "in a timer"'],
    ],
  ]);
});

it('an error that is not answered when the process ends is recorded', async () => {
  const { backend, result } = await run('die.mjs', ['exit']);
  expect(result.code).toBe(3);
  expect(served(backend)).toEqual([
    ['/orders/7', 'GET /orders/:id', '/orders/:id', undefined, ...recorded('RangeError', 'to be answered')],
  ]);
});

it('one that is turned off tells nothing', async () => {
  const { backend } = await run('fastify.mjs', ['without'], { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fastify' });
  expect(new Set(served(backend).map(([, name, route]) => `${name} ${String(route)}`))).toEqual(
    new Set(['GET undefined']),
  );
});
