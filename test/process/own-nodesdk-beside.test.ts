import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { ownNodeSdkFolder, ownNodeSdkProgram, repository, SDK_VERSIONS } from '../support/own-node-sdk.ts';
import { PATIENT, received } from '../support/own-node-sdk-received.ts';
import { runFixture } from '../support/run-fixture.ts';

const env = (backend: Backend) => ({
  BACKEND: backend.url,
  OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
  // NodeSDK tells by `diag` that there are to be no metrics.
  OTEL_METRICS_EXPORTER: 'none',
  ...PATIENT,
});
const linesOf = (stderr: string) =>
  stderr.split('\n').filter((line) => line !== '' && !line.includes('OTEL_METRICS_EXPORTER'));
const ONCE = ['GET (client), unset', 'GET (server), unset', 'work (internal), unset'];

describe.concurrent.each(SDK_VERSIONS)('a NodeSDK %s beside another SDK', (version) => {
  it('withSwansong() and the preload: one line, nothing twice', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await runFixture({
      program: ownNodeSdkProgram(version, 'beside.cjs'),
      args: ['swansong'],
      preload: 'require',
      env: env(backend),
      onTestFinished,
    });
    const { stderr, ...rest } = end;
    expect({ ...rest, lines: linesOf(stderr), spans: received(backend).spans }).toEqual({
      code: 0,
      signal: null,
      stdout: 'traceparent headers: 1\n',
      lines: [
        'swansong: the preload is running, so withSwansong() does nothing, and this NodeSDK registers nothing ' +
          '(@opentelemetry/instrumentation-http: left to the preload). Use one of the two.',
      ],
      spans: ONCE,
    });
  });

  it('a plain NodeSDK and the preload: one line in place of the stacks', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const { stderr, ...end } = await runFixture({
      program: ownNodeSdkProgram(version, 'beside.cjs'),
      args: ['plain'],
      preload: 'require',
      env: env(backend),
      onTestFinished,
    });
    expect({ ...end, lines: linesOf(stderr) }).toEqual({
      code: 0,
      signal: null,
      stdout: 'traceparent headers: 1\n',
      lines: [
        'swansong: another OpenTelemetry SDK was started after the preload: nothing of it is registered, and what it instruments is ' +
          "instrumented twice. Leave it out, or leave the preload out and use withSwansong() of 'swansong/node-sdk'.",
      ],
    });
  });

  it('withSwansong() twice: the second does nothing', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await runFixture({
      program: ownNodeSdkProgram(version, 'beside.cjs'),
      args: ['twice'],
      preload: 'none',
      env: env(backend),
      onTestFinished,
    });
    expect(end).toEqual({
      code: 0,
      signal: null,
      stdout: 'traceparent headers: 1\n',
      stderr: 'swansong: withSwansong() was called before, so it does nothing, and this NodeSDK registers nothing.\n',
    });
    expect(received(backend).spans).toContain('work (internal), unset');
    expect(received(backend).spans.filter((span) => span.startsWith('work'))).toHaveLength(1);
  });
});

it('a copy of the API that is newer than that of NodeSDK: one line, not silence', async ({ onTestFinished }) => {
  const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
  const folder = await mkdtemp(join(tmpdir(), 'swansong-two-apis-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const installed = ownNodeSdkFolder('0.223');
  const modules = join(folder, 'node_modules');
  await cp(join(installed, 'node_modules/swansong'), join(modules, 'swansong'), { recursive: true });
  await cp(
    join(repository, 'node_modules/@opentelemetry/api'),
    join(modules, 'swansong/node_modules/@opentelemetry/api'),
    { recursive: true },
  );
  await symlink(join(installed, 'node_modules/@opentelemetry'), join(modules, '@opentelemetry'));
  await cp(join(installed, 'programs'), join(folder, 'programs'), { recursive: true });
  const end = await runFixture({
    program: join(folder, 'programs/beside.cjs'),
    args: ['swansong'],
    preload: 'none',
    env: env(backend),
    onTestFinished,
  });
  expect({ ...end, spans: received(backend).spans }).toEqual({
    code: 0,
    signal: null,
    stdout: 'traceparent headers: 1\n',
    stderr:
      'swansong: NodeSDK uses @opentelemetry/api 1.9.0, and swansong finds a newer copy: errors are recorded on no span. ' +
      'Have one copy; npm ls @opentelemetry/api shows them\n',
    spans: ONCE,
  });
});

it('SDK 1.x: one line, and the configuration as it was', async ({ onTestFinished }) => {
  const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
  const end = await runFixture({
    program: ownNodeSdkProgram('0.57', 'beside.cjs'),
    args: ['old'],
    preload: 'none',
    env: env(backend),
    onTestFinished,
  });
  expect({ ...end, spans: received(backend).spans }).toEqual({
    code: 0,
    signal: null,
    stdout: 'the same: true\ntraceparent headers: 0\n',
    stderr:
      'swansong: @opentelemetry/sdk-node 0.57.2 is too old, swansong stays off: 0.203 or later is needed (SDK 2.x). Update it, or preload swansong/register.\n',
    spans: ['work (internal), unset'],
  });
});
