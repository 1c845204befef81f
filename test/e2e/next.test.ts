import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import type { FixtureResult } from '../support/run-fixture.ts';
import { type FixtureOptions, startFixture } from '../support/run-fixture.ts';
import { buildNext } from './support/next.ts';

const SERVER = 2;
const STATUS = ['unset', 'ok', 'error'];
const PATHS = [
  '/',
  '/items/7',
  '/alias/7',
  '/api/items/7',
  '/api/broken/7',
  '/broken',
  '/guarded/7',
  '/moved',
  '/recovered',
  '/old/7',
  '/api/old/7',
  '/robots.txt',
  '/nowhere',
];

/** Starts Next.js, asks for each path, waits until the requests are measured, and ends it as a container does. */
async function run(
  preload: NonNullable<FixtureOptions['preload']>,
  backend: Backend,
): Promise<FixtureResult & { readonly statuses: number[] }> {
  const folder = await buildNext();
  const fixture = startFixture({
    program: join(folder, 'node_modules/next/dist/bin/next'),
    args: ['start', '-p', '0', '-H', '127.0.0.1'],
    cwd: folder,
    preload,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      // Spans and records are sent at the end: none is on its way when the process ends, which would send it again.
      OTEL_BSP_SCHEDULE_DELAY: '60000',
      OTEL_BLRP_SCHEDULE_DELAY: '60000',
      NEXT_TELEMETRY_DISABLED: '1',
    },
  });
  const [url] = /http:\S+/.exec(await fixture.line('Local:')) ?? [];
  await fixture.line('Ready');
  const statuses: number[] = [];
  for (const path of PATHS) {
    const response = await fetch(`${url}${path}`, { redirect: 'manual' });
    statuses.push(response.status);
    await response.text();
  }
  const isMeasured = (): boolean =>
    Object.values(measured(backend)).reduce((sum, count) => sum + count, 0) === PATHS.length;
  if (preload !== 'none') await backend.waitFor(isMeasured, 'all durations');
  fixture.kill('SIGTERM');
  const { stdout, stderr, ...end } = await fixture.result;
  return {
    statuses,
    stdout: stdout.replaceAll(/\d+(?=ms)|(?<=:)\d+/g, 'N'),
    // Next.js calls functions of the OpenTelemetry API, which are in the stacks of what it calls.
    stderr: stderr.replaceAll(/^ +at .*preload\.cjs.*\n/gm, ''),
    ...end,
  };
}

/** Of each request path, name, route, failure (as on its span and in the log records), and name and kind of the spans of Next.js directly below. */
function requests(backend: Backend): unknown[][] {
  const spans = backend.spans();
  const records = backend.logRecords().filter(({ eventName }) => eventName === 'exception');
  return spans
    .filter(({ scope }) => scope.name === 'swansong/http')
    .map(({ name, attributes, spanId, status, events }) => [
      attributes['url.path'],
      name,
      attributes['http.route'],
      [
        STATUS[status.code],
        attributes['error.type'],
        events.map((event) => event.attributes['exception.message']),
        records.filter((record) => record.spanId === spanId).map(({ severityText, body }) => [severityText, body]),
      ],
      spans.filter((span) => span.parentSpanId === spanId).map((span) => [span.kind, span.name]),
    ]);
}

/** How many requests have been measured, by status, route and `error.type`. */
function measured(backend: Backend): Record<string, number> {
  const series = backend
    .metrics()
    .filter(({ name }) => name === 'http.server.request.duration')
    .map(({ attributes, count }): [string, number] => {
      const of = [attributes['http.response.status_code'], attributes['http.route'], attributes['error.type']];
      return [
        of
          .filter((value) => value !== undefined)
          .map(String)
          .join(' '),
        count ?? 0,
      ];
    });
  // They are cumulative: the last one counts.
  return Object.fromEntries(series);
}

const FINE = ['unset', undefined, [], []];
const failed = (type: string, message: string): unknown[] => [
  'error',
  type,
  [message],
  [['ERROR', `${type}: ${message}`]],
];

const at = (path: string, route: string, outcome: unknown[] = FINE, below = `GET ${route}`): unknown[] => [
  path,
  `GET ${route}`,
  route,
  outcome,
  [[SERVER, below]],
];

it.each(['import', 'node-options'] as const)(
  'Next.js (%s): routes are on the requests, and it ends as without',
  async (how) => {
    const backend = await startBackend();
    const [bare, preloaded] = [await run('none', backend), await run(how, backend)];
    expect(preloaded).toEqual(bare);
    expect(bare).toMatchObject({
      code: 143,
      statuses: [200, 200, 200, 200, 500, 500, 500, 307, 200, 200, 500, 200, 404],
    });
    expect(requests(backend)).toEqual([
      at('/', '/'),
      at('/items/7', '/items/[id]'),
      at('/alias/7', '/items/[id]'),
      at('/api/items/7', '/api/items/[id]'),
      at('/api/broken/7', '/api/broken/[id]', failed('TypeError', 'in a route handler')),
      at('/broken', '/broken', failed('RangeError', 'in a page')),
      at('/guarded/7', '/guarded/[id]', failed('SyntaxError', 'behind a proxy'), 'GET'),
      at('/moved', '/moved'),
      at('/recovered', '/recovered'),
      at('/old/7', '/old/[id]'),
      // Next.js records such an error on none of its spans.
      at('/api/old/7', '/api/old/[id]', ['error', '500', [], []]),
      ['/robots.txt', 'GET', undefined, FINE, []],
      ['/nowhere', 'GET', undefined, FINE, [[SERVER, 'GET']]],
    ]);
    expect(measured(backend)).toEqual({
      '200': 1,
      '200 /': 1,
      '200 /api/items/[id]': 1,
      '200 /items/[id]': 2,
      '200 /old/[id]': 1,
      '200 /recovered': 1,
      '307 /moved': 1,
      '404': 1,
      '500 /api/broken/[id] TypeError': 1,
      '500 /api/old/[id] 500': 1,
      '500 /broken RangeError': 1,
      '500 /guarded/[id] SyntaxError': 1,
    });
    const records = backend.logRecords().map(({ eventName, severityText }) => `${severityText} ${eventName}`);
    expect(records.toSorted()).toEqual([
      ...Array.from({ length: 3 }, () => 'ERROR exception'),
      'ERROR swansong.process.exited',
      'INFO swansong.process.started',
    ]);
    const ids = backend.spans().map(({ spanId }) => spanId);
    expect(new Set(ids).size).toBe(ids.length);
    const services = [...backend.spans(), ...backend.logRecords(), ...backend.metrics()].map(({ resource }) =>
      JSON.stringify([resource['service.name'], resource['service.version']]),
    );
    expect([...new Set(services)]).toEqual(['["next-shop","1.2.3"]']);
  },
);

it('a server around Next.js: the name that it gives a request stays', async () => {
  const folder = await buildNext();
  const backend = await startBackend();
  const fixture = startFixture({
    program: join(folder, 'server.mjs'),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, NODE_ENV: 'production' },
  });
  const url = await fixture.line('http:');
  for (const path of ['/api/broken/named', '/items/7']) await (await fetch(`${url}${path}`)).text();
  fixture.kill('SIGTERM');
  expect(await fixture.result).toMatchObject({ code: 0 });
  expect(requests(backend).map((request) => request.slice(0, 4))).toEqual([
    ['/api/broken/named', 'named by the server', '/api/broken/[id]', failed('TypeError', 'in a route handler')],
    ['/items/7', 'GET /items/[id]', '/items/[id]', FINE],
  ]);
});
