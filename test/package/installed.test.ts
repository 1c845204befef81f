import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { NpmProject } from '../support/npm-project.ts';
import { runFixture } from '../support/run-fixture.ts';

const run = promisify(execFile);
const npm = new NpmProject();
const root = join(import.meta.dirname, '../..');
const NO_BACKEND = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
const modules = (project: string) => join(project, 'node_modules');

/** `npm install swansong` in an empty project. */
async function install(): Promise<string> {
  await npm.start();
  await npm.publish(join(root, 'node_modules/@opentelemetry/api'));
  await npm.publish(root);
  const project = npm.create();
  await npm.install(project, 'swansong');
  return project;
}

describe('the package, installed in an empty project', () => {
  let project = '';
  beforeAll(async () => {
    project = await install();
  }, 120_000);
  afterAll(() => npm.stop());

  it('is two packages: itself and the OpenTelemetry API', () => {
    const names = readdirSync(modules(project)).flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules(project), name)).map((part) => `${name}/${part}`) : [name],
    );
    expect(names.filter((name) => !name.startsWith('.')).toSorted()).toEqual(['@opentelemetry/api', 'swansong']);
  });

  it.each(['trace-requests.mjs', 'trace-requests.cjs'])('works there: %s', async (program) => {
    const backend = await startBackend();
    cpSync(join(root, 'test/fixtures', program), join(project, program));
    const result = await runFixture({
      program: join(project, program),
      cwd: project,
      register: join(modules(project), 'swansong/dist/register.cjs'),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: 'delivered\n', stderr: '' });
    expect(backend.spans()).toHaveLength(5);
  });

  it('can be imported by its name: --import swansong/register', async () => {
    const backend = await startBackend();
    cpSync(join(root, 'test/fixtures/emit-all-signals.mjs'), join(project, 'app.mjs'));
    const result = await runFixture({
      program: join(project, 'app.mjs'),
      cwd: project,
      preload: 'none',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, NODE_OPTIONS: '--import swansong/register' },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '{"ok":true,"timedOut":false}\n', stderr: '' });
    expect(backend.spans()).toHaveLength(2);
  });

  it.each(['none', 'import'] as const)('brings metrics about itself, with the preload "%s"', async (preload) => {
    cpSync(join(root, 'test/fixtures/self-metrics/end.mjs'), join(project, 'end.mjs'));
    const result = await runFixture({
      program: join(project, 'end.mjs'),
      cwd: project,
      preload,
      register: join(modules(project), 'swansong/dist/register.cjs'),
      args: ['drain'],
      env: { ...NO_BACKEND, SWANSONG_SELF_METRICS_HTTP: '0' },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: 'string\nexit 0, drained 1\n', stderr: '' });
  });

  it('has its command', async () => {
    const { stdout } = await run(join(modules(project), '.bin/swansong'), ['--version'], { cwd: project });
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ version: stdout.trim() });
  });

  it('holds the licence of everything that its bundles contain', () => {
    const licenses = readFileSync(join(modules(project), 'swansong/dist/preload.licenses.txt'), 'utf8');
    for (const name of ['sdk-trace', 'sdk-metrics', 'sdk-logs', 'otlp-transformer', 'instrumentation-runtime-node']) {
      expect(licenses).toMatch(new RegExp(`^@opentelemetry/${name} \\d+\\.\\d+\\.\\d+ \\(Apache-2.0\\)$`, 'm'));
    }
    // One copy of each: the instrumentations ask for another version of the base than the one they get.
    expect(licenses.match(/^@opentelemetry\/instrumentation /gm)).toHaveLength(1);
  });
});
