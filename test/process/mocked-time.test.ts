import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

const MOCKS = [
  'node:test Date',
  'node:test',
  'sinon Date',
  'sinon',
  'a Date that goes back',
  'numbers for timers',
  'timers that throw',
];
/** How the program ends, and what it says. */
const ENDS: readonly (readonly [string, string])[] = [
  ['drains', 'flush true\n'],
  ['exits', 'flush true\n'],
  ['shuts down', 'flush true\nshutdown true\n'],
  ['shuts down gracefully', 'flush true\nshutdown true\n'],
  ['resets', 'flush true\n'],
];

describe.each(MOCKS)('time is mocked: %s', (mock) => {
  it.each(ENDS)('a program that %s delivers everything', async (end, stdout) => {
    const backend = await startBackend();
    const { stderr, ...result } = await runFixture({
      program: 'mocked-time/end.mjs',
      args: [mock, end],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_LOGS_EXPORTER: 'none', NODE_NO_WARNINGS: '1' },
    });
    expect({ ...result, stderr, received: backend.spans().map(({ name }) => name) }).toEqual({
      code: 0,
      signal: null,
      stdout,
      stderr: '',
      received: ['before', 'after'],
    });
  });
});

it.each(['sinon with process.nextTick', 'timers that throw'])(
  'requests that a mock has broken are made again when it is gone: %s',
  async (mock) => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'mocked-time/end.mjs',
      args: [mock, 'flushes and resets'],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_LOG_LEVEL: 'error',
        NODE_NO_WARNINGS: '1',
      },
    });
    expect({
      ...result,
      received: backend
        .spans()
        .map(({ name }) => name)
        .toSorted(),
    }).toEqual({
      code: 0,
      signal: null,
      stdout: 'flush true\n',
      stderr: '',
      received: ['after', 'before'],
    });
  },
);

it('time is mocked by vitest, which loads swansong into its own module graph', async () => {
  const backend = await startBackend();
  const root = join(import.meta.dirname, '../fixtures/mocked-time/vitest');
  const { code, stdout } = await runFixture({
    program: join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs'),
    args: ['run', '--root', root, '--reporter', 'tap-flat'],
    preload: 'node-options',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_LOGS_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
  });
  expect({ code, passed: stdout.match(/^ok /gm)?.length, received: backend.spans().map(({ name }) => name) }).toEqual({
    code: 0,
    passed: 2,
    received: ['of Date', 'of all'],
  });
});
