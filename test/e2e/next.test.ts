import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import type { FixtureResult } from '../support/run-fixture.ts';
import { type FixtureOptions, startFixture } from '../support/run-fixture.ts';
import { buildNext } from './support/next.ts';

const SERVER = 2;
const PATHS = ['/', '/items/7', '/api/items/7', '/api/broken/7', '/broken', '/nowhere'];

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
      NEXT_TELEMETRY_DISABLED: '1',
    },
  });
  const [url] = /http:\S+/.exec(await fixture.line('Local:')) ?? [];
  await fixture.line('Ready');
  const statuses: number[] = [];
  for (const path of PATHS) {
    const response = await fetch(`${url}${path}`);
    statuses.push(response.status);
    await response.text();
  }
  if (preload !== 'none') await backend.waitFor(() => measured(backend).length === PATHS.length, 'all durations');
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

/** Path, name, route, `error.type` and the name of the span that is Next's own, of each request. */
function requests(backend: Backend): unknown[] {
  const spans = backend.spans();
  return spans
    .filter(({ scope }) => scope.name === 'swansong/http')
    .map(({ name, attributes, spanId }) => [
      attributes['url.path'],
      name,
      attributes['http.route'],
      attributes['error.type'],
      spans.filter((span) => span.parentSpanId === spanId).map((span) => [span.kind, span.name]),
    ]);
}

/** The routes and statuses of what is measured; of each series the last value. */
function measured(backend: Backend): string[] {
  const series = backend
    .metrics()
    .filter(({ name }) => name === 'http.server.request.duration')
    .map(({ attributes }) => JSON.stringify([attributes['http.response.status_code'], attributes['http.route']]));
  return [...new Set(series)];
}

const at = (path: string, route: string, errorType?: string): unknown[] => [
  path,
  `GET ${route}`,
  route,
  errorType,
  [[SERVER, `GET ${route}`]],
];

it.each(['import', 'node-options'] as const)(
  'Next.js (%s): routes are on the requests, and it ends as without',
  async (how) => {
    const backend = await startBackend();
    const [bare, preloaded] = [await run('none', backend), await run(how, backend)];
    expect(preloaded).toEqual(bare);
    expect(bare).toMatchObject({ code: 143, statuses: [200, 200, 200, 500, 500, 404] });
    expect(requests(backend)).toEqual([
      at('/', '/'),
      at('/items/7', '/items/[id]'),
      at('/api/items/7', '/api/items/[id]'),
      at('/api/broken/7', '/api/broken/[id]', '500'),
      at('/broken', '/broken', '500'),
      ['/nowhere', 'GET', undefined, undefined, [[SERVER, 'GET']]],
    ]);
    expect(measured(backend).toSorted()).toEqual([
      '[200,"/"]',
      '[200,"/api/items/[id]"]',
      '[200,"/items/[id]"]',
      '[404,null]',
      '[500,"/api/broken/[id]"]',
      '[500,"/broken"]',
    ]);
    // Next.js records its errors on spans of its own.
    const errors = backend
      .spans()
      .flatMap(({ events }) => events.map(({ attributes }) => attributes['exception.message']));
    expect(errors).toEqual(['in a route handler', 'in a page']);
    const services = backend
      .spans()
      .map(({ resource }) => JSON.stringify([resource['service.name'], resource['service.version']]));
    expect([...new Set(services)]).toEqual(['["next-shop","1.2.3"]']);
  },
);
