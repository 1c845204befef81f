import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { ownNodeSdkFolder, ownNodeSdkProgram, repository, SDK_VERSIONS } from '../support/own-node-sdk.ts';
import { PATIENT, received } from '../support/own-node-sdk-received.ts';
import { runFixture } from '../support/run-fixture.ts';
import type { OnTestFinished } from '../support/when-test-ends.ts';

const env = (backend: Backend) => ({
  BACKEND: backend.url,
  OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
  // NodeSDK tells by `diag` that there are to be no metrics.
  OTEL_METRICS_EXPORTER: 'none',
  ...PATIENT,
});

async function runBeside(program: string, how: string, preload: 'require' | 'none', onTestFinished: OnTestFinished) {
  const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
  const end = await runFixture({ program, args: [how], preload, env: env(backend), onTestFinished });
  return { ...end, spans: received(backend).spans };
}

const linesOf = (stderr: string) =>
  stderr.split('\n').filter((line) => line !== '' && !line.includes('OTEL_METRICS_EXPORTER'));
const ONCE = ['GET (client), unset', 'GET (server), unset', 'work (internal), unset'];
/** Each request by the preload and by the instrumentation of the other SDK. */
const TWICE = [...ONCE.slice(0, 2).flatMap((span) => [span, span]), ...ONCE.slice(2)];

describe.concurrent.each(SDK_VERSIONS)('a NodeSDK %s beside another SDK', (version) => {
  it('withSwansong() and the preload: one line, nothing twice', async ({ onTestFinished }) => {
    const program = ownNodeSdkProgram(version, 'beside.cjs');
    const { stderr, ...end } = await runBeside(program, 'swansong', 'require', onTestFinished);
    expect({ ...end, lines: linesOf(stderr) }).toEqual({
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
    const program = ownNodeSdkProgram(version, 'beside.cjs');
    const { stderr, ...end } = await runBeside(program, 'plain', 'require', onTestFinished);
    expect({ ...end, lines: linesOf(stderr) }).toEqual({
      code: 0,
      signal: null,
      stdout: 'traceparent headers: 1\n',
      lines: [
        'swansong: another OpenTelemetry SDK was started after the preload: nothing of it is registered, and what it instruments is ' +
          "instrumented twice. Leave it out, or leave the preload out and use withSwansong() of 'swansong/node-sdk'.",
      ],
      spans: TWICE,
    });
  });

  it('withSwansong() twice: the second does nothing', async ({ onTestFinished }) => {
    const program = ownNodeSdkProgram(version, 'beside.cjs');
    expect(await runBeside(program, 'twice', 'none', onTestFinished)).toEqual({
      code: 0,
      signal: null,
      stdout: 'traceparent headers: 1\n',
      stderr: 'swansong: withSwansong() was called before, so it does nothing, and this NodeSDK registers nothing.\n',
      spans: ONCE,
    });
  });
});

it('a copy of the API that is newer than that of NodeSDK: one line, not silence', async ({ onTestFinished }) => {
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
  const end = await runBeside(join(folder, 'programs/beside.cjs'), 'swansong', 'none', onTestFinished);
  expect(end).toEqual({
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
  const end = await runBeside(ownNodeSdkProgram('0.57', 'beside.cjs'), 'old', 'none', onTestFinished);
  expect(end).toEqual({
    code: 0,
    signal: null,
    stdout: 'the same: true\ntraceparent headers: 0\n',
    stderr:
      'swansong: @opentelemetry/sdk-node 0.57.2 is too old, swansong stays off: 0.203 or later is needed (SDK 2.x). Update it, or preload swansong/register.\n',
    spans: ['work (internal), unset'],
  });
});
