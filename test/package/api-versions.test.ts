import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { installedPackages, NpmProject, pack, readManifest } from '../support/npm-project.ts';
import { runFixture, startFixture } from '../support/run-fixture.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const modules = join(root, 'node_modules');
const fixtures = join(root, 'test/fixtures/api-versions');
const { version: apiOfSwansong } = readManifest(join(modules, '@opentelemetry/api'));
const { version: swansongVersion } = readManifest(root);
const { version: apiLogsVersion } = readManifest(join(modules, '@opentelemetry/api-logs'));
/** Until it comes: ours, with the number of the next. */
const NEWER = apiOfSwansong.replace(/\.(\d+)\.\d+$/, (_, minor: string) => `.${Number(minor) + 1}.0`);
const SERVER = 2;
const STATUS_ERROR = 2;
const UPDATE =
  `swansong: @opentelemetry/api ${NEWER} of the application is newer than the ${apiOfSwansong} of swansong ${swansongVersion}: ` +
  'what the application records through it is lost. Update: npm install swansong@latest\n';
const TYPES = `
import { type Attributes, metrics } from '@opentelemetry/api';
import { type FlushReport, forceFlush, reportError } from 'swansong';
import { startCollector } from 'swansong/collector';
import { expressErrorHandler } from 'swansong/handlers';
import { createCollectorMetrics, startSelfMetrics } from 'swansong/self-metrics';
import 'swansong/register';

const attributes: Attributes = { 'order.id': 7, tags: ['a', 'b'] };
reportError(new Error('handled'), attributes);
createCollectorMetrics(metrics.getMeter('app'));
export const report: Promise<FlushReport> = forceFlush();
// @ts-expect-error: a type that is not found would be \`any\`, and take everything.
createCollectorMetrics({ createCounter: 'no function' });
// @ts-expect-error
reportError(new Error('handled'), 'no attributes');
export { expressErrorHandler, startCollector, startSelfMetrics };
`;

const npm = new NpmProject();
let tarball = '';

/** The API that swansong is built with, as if its next minor version were out. */
function createNewerApi(): string {
  const folder = npm.create();
  cpSync(join(modules, '@opentelemetry/api'), folder, { recursive: true });
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/(?:\.[cm]?js|package\.json)$/.test(path)) continue;
    const text = readFileSync(join(folder, path), 'utf8');
    if (text.includes(apiOfSwansong)) writeFileSync(join(folder, path), text.replaceAll(apiOfSwansong, NEWER));
  }
  return folder;
}

beforeAll(async () => {
  await npm.start();
  for (const name of ['opentelemetry-api-1.3.0', 'opentelemetry-api-1.9.0', 'opentelemetry-api-1.9.1'])
    await npm.publish(join(modules, name));
  await npm.publish(join(modules, '@opentelemetry/api'));
  await npm.publish(createNewerApi());
  await npm.publish(join(modules, '@opentelemetry/api-logs'));
  tarball = await pack('.', npm.create());
}, 120_000);

afterAll(() => npm.stop());

/** An application that has this version of the API, before it gets swansong. */
async function createApplication(version: string): Promise<string> {
  const project = npm.create();
  await npm.install(project, '--save-exact', `@opentelemetry/api@${version}`, '@opentelemetry/api-logs');
  for (const program of readdirSync(fixtures)) cpSync(join(fixtures, program), join(project, program));
  return project;
}

async function runProgram(project: string, program: string) {
  const backend = await startBackend();
  const result = await runFixture({
    program: join(project, program),
    register: join(project, 'node_modules/swansong/dist/register.cjs'),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
  });
  return { ...result, received: describeReceived(backend) };
}

function describeReceived(backend: Backend) {
  const spans = backend.spans();
  const nameOf = ({ name, kind }: { name: string; kind: number }): string =>
    kind === SERVER ? `${name} (server)` : name;
  return {
    spans: Object.fromEntries(
      spans.map((span) => {
        const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
        const errors = span.events.map(({ attributes }) => attributes['exception.message']);
        return [
          nameOf(span),
          [parent === undefined ? '' : nameOf(parent), span.status.code === STATUS_ERROR, ...errors],
        ];
      }),
    ),
    counter: backend.metrics().flatMap(({ name, value }) => (name === 'app.counter' ? [value] : [])),
    logRecords: backend
      .logRecords()
      .filter(({ eventName }) => !eventName.startsWith('swansong.'))
      .map(
        ({ body, spanId }) =>
          `${typeof body === 'string' ? body : '?'} on ${spans.find((span) => span.spanId === spanId)?.name ?? 'nothing'}`,
      ),
  };
}

it(`is installed with the API by itself: the latest that it knows, not ${NEWER}`, async () => {
  const project = npm.create();
  await npm.install(project, tarball);
  expect(installedPackages(project)).toEqual([`@opentelemetry/api@${apiOfSwansong}`, `swansong@${swansongVersion}`]);
});

describe.each(['1.3.0', '1.9.0', '1.9.1', apiOfSwansong])('an application with the API %s', (version) => {
  let project = '';
  beforeAll(async () => {
    project = await createApplication(version);
    await npm.install(project, tarball);
  }, 60_000);

  it('keeps its copy, and no second one comes', () => {
    expect(installedPackages(project)).toEqual([
      `@opentelemetry/api-logs@${apiLogsVersion}`,
      `@opentelemetry/api@${version}`,
      `swansong@${swansongVersion}`,
    ]);
  });

  it.each(['app.mjs', 'app.cjs'])('delivers what it records: %s', async (program) => {
    expect(await runProgram(project, program)).toEqual({
      code: 0,
      signal: null,
      stdout: 'flushed true\n',
      stderr: '',
      received: {
        spans: {
          work: ['', true, 'by the API', 'by swansong'],
          child: ['work', false],
          GET: ['work', false],
          'GET (server)': ['GET', true, 'of the request'],
          'in request': ['GET (server)', false],
        },
        counter: [3],
        logRecords: [
          'RangeError: of the request on GET',
          'Error: by swansong on work',
          ...(version === apiOfSwansong ? ['by the API on work'] : []),
          'by api-logs on work',
        ],
      },
    });
  });

  it('finds its own types in those of swansong', async () => {
    writeFileSync(join(project, 'types.mts'), TYPES);
    const types = ['--types', 'node', '--typeRoots', join(modules, '@types')];
    const { stdout } = await run(
      join(modules, '.bin/tsc'),
      ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', ...types, 'types.mts'],
      { cwd: project },
    ).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });
});

describe(`an application whose API is newer: ${NEWER}`, () => {
  let project = '';
  beforeAll(async () => {
    project = await createApplication(NEWER);
    await npm.install(project, '--legacy-peer-deps', tarball);
  }, 60_000);

  it('is told at the installation', async () => {
    const other = await createApplication(NEWER);
    await expect(npm.install(other, tarball)).rejects.toThrow(
      new RegExp(`ERESOLVE(?:.|\n)*peer @opentelemetry/api@"[^"]+" from swansong@${swansongVersion}`),
    );
  });

  it.each(['app.mjs', 'app.cjs'])('runs as without swansong, and one line says what to update: %s', async (program) => {
    expect(await runProgram(project, program)).toEqual({
      code: 0,
      signal: null,
      stdout: 'flushed true\n',
      stderr: UPDATE,
      received: {
        // What swansong itself sees needs no API of the application's.
        spans: { GET: ['', false], 'GET (server)': ['GET', true, 'of the request'] },
        counter: [],
        logRecords: ['RangeError: of the request on GET', 'Error: by swansong on nothing', 'by api-logs on nothing'],
      },
    });
  });

  it('is told while it lives, and once however many threads it has', async () => {
    const fixture = startFixture({
      program: join(project, 'serve.mjs'),
      register: join(project, 'node_modules/swansong/dist/register.cjs'),
      env: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    });
    await fixture.line('swansong@latest', { stream: 'stderr' });
    await fixture.line('the worker has ended');
    fixture.endInput();
    expect(await fixture.result).toEqual({ code: 0, signal: null, stdout: 'the worker has ended\n', stderr: UPDATE });
  });

  it.each([{ OTEL_LOG_LEVEL: 'error' }, { OTEL_SDK_DISABLED: 'true' }])('is told nothing with %o', async (env) => {
    const register = join(project, 'node_modules/swansong/dist/register.cjs');
    const none = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
    const result = await runFixture({ program: join(project, 'app.mjs'), register, env: { ...none, ...env } });
    expect(result).toEqual({ code: 0, signal: null, stdout: 'flushed true\n', stderr: '' });
  });
});
