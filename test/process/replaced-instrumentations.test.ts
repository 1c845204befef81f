import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { freePort } from '../support/free-port.ts';
import { runFixture, startFixture } from '../support/run-fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HTTP = '@opentelemetry/instrumentation-http';
const UNDICI = '@opentelemetry/instrumentation-undici';
const RUNTIME = '@opentelemetry/instrumentation-runtime-node';
const fixture = fileURLToPath(new URL('../fixtures/trace-requests.cjs', import.meta.url));

/** Kind and scope of each span and HTTP duration, with how often. */
function told(backend: Backend): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  const add = (key: string, count: number): void => {
    counts[key] = (counts[key] ?? 0) + count;
  };
  for (const { kind, scope } of backend.spans()) add(`span ${kind} ${scope.name}`, 1);
  for (const { name, scope, count } of backend.metrics()) {
    if (name.startsWith('http.')) add(`${name} ${scope.name}`, count ?? 0);
  }
  return counts;
}

/** What trace-requests does: one call by node:http and one by fetch, to one server. */
const toldBy = (http: string, undici: string): Readonly<Record<string, number>> => ({
  'span 1 app': 1,
  [`span 2 ${http}`]: 2,
  [`span 3 ${http}`]: 1,
  [`span 3 ${undici}`]: 1,
  [`http.server.request.duration ${http}`]: 2,
  [`http.client.request.duration ${http}`]: 1,
  [`http.client.request.duration ${undici}`]: 1,
});

describe.each(['trace-requests.mjs', 'trace-requests.cjs'])('%s', (program) => {
  const run = async (packages: string): Promise<Backend> => {
    const backend = await startBackend();
    const result = await runFixture({
      program,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
        SWANSONG_INSTRUMENTATIONS: packages,
      },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: 'delivered\n', stderr: '' });
    return backend;
  };

  it('instrumentation-http takes the place of ours, for spans and metrics, client and server', async () => {
    expect(told(await run(HTTP))).toEqual(toldBy(HTTP, 'swansong/undici'));
  });

  it('named twice, it tells everything once', async () => {
    expect(told(await run(`${HTTP},${HTTP}`))).toEqual(toldBy(HTTP, 'swansong/undici'));
  });

  it('instrumentation-undici and instrumentation-runtime-node take the place of ours', async () => {
    const backend = await run(`${UNDICI},${RUNTIME}`);
    expect(told(backend)).toEqual(toldBy('swansong/http', UNDICI));
    const utilizations = backend.metrics().filter(({ name }) => name === 'nodejs.eventloop.utilization');
    const collections = new Set(utilizations.map(({ request }) => request));
    expect(utilizations).toHaveLength(collections.size);
    expect(utilizations.map(({ scope }) => scope.name)).toContain(RUNTIME);
  });
});

it.each([
  ['throws', 'throw new Error("broken");', 'delivered\n'],
  [
    'cannot get its hook of `import`',
    `exports.HttpInstrumentation = class {
      enable() {}
      disable() { console.log('disabled'); }
      setTracerProvider() {}
      setMeterProvider() {}
    };`,
    'disabled\ndelivered\n',
  ],
])('one that %s leaves ours in place', async (_title, source, stdout) => {
  const folder = await temporaryFolder();
  const packageFolder = join(folder, 'node_modules', HTTP);
  mkdirSync(packageFolder, { recursive: true });
  writeFileSync(join(packageFolder, 'index.js'), source);
  const program = join(folder, 'program.cjs');
  writeFileSync(program, `require(${JSON.stringify(fixture)});`);
  const backend = await startBackend();
  const result = await runFixture({
    program,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      SWANSONG_INSTRUMENTATIONS: HTTP,
    },
  });
  const stderr = expect.stringMatching(/^swansong: .*; the built-in http stays\n$/s);
  expect(result).toEqual({ code: 0, signal: null, stdout, stderr });
  expect(told(backend)).toEqual(toldBy('swansong/http', 'swansong/undici'));
});

describe('under instrumentation-http, which sees requests whatever their context', () => {
  it('exports are neither spans nor durations', async () => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'trace-requests.mjs',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_BSP_SCHEDULE_DELAY: '1',
        OTEL_METRIC_EXPORT_INTERVAL: '5',
        SWANSONG_INSTRUMENTATIONS: HTTP,
      },
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const ports = backend
      .metrics()
      .flatMap(({ name, attributes }) => (name.startsWith('http.client') ? [attributes['server.port']] : []));
    expect(ports.length).toBeGreaterThan(0);
    expect(ports).not.toContain(backend.port);
    expect(backend.spans()).toHaveLength(5);
  });

  it('nor is what asks for the self-metrics', async () => {
    const [backend, port] = [await startBackend(), await freePort()];
    const program = startFixture({
      program: 'serve-until-stdin-ends.cjs',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        SWANSONG_INSTRUMENTATIONS: HTTP,
        SWANSONG_SELF_METRICS_HTTP: String(port),
      },
    });
    const url = await program.line('http://');
    await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await (await fetch(url)).text();
    program.endInput();
    expect(await program.result).toMatchObject({ code: 0, stderr: '' });
    expect(backend.spans().map(({ kind, attributes }) => [kind, attributes['url.path']])).toEqual([[2, '/']]);
    const served = backend.metrics().filter(({ name }) => name === 'http.server.request.duration');
    expect(new Set(served.map(({ count }) => count))).toEqual(new Set([1]));
  });
});
