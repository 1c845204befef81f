import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { registerFile, runFixture } from '../support/run-fixture.ts';

/** Node itself listens to `newListener` of `process`. */
const NOTHING = {
  registered: [],
  legacyLogs: false,
  replaced: [],
  reallyExit: true,
  listeners: { exit: 0, beforeExit: 0, uncaughtExceptionMonitor: 0, uncaughtException: 0, unhandledRejection: 0 },
  channels: [],
};

it.each([
  [
    'api-too-old',
    'Error: the OpenTelemetry API refused the registration of context, propagation, trace, metrics, logs',
  ],
  ['no-metrics', 'Error: the OpenTelemetry API refused the registration of metrics'],
  ['not-published', 'TypeError: Cannot redefine property: Symbol(swansong.running-sdk)'],
])('a start that fails half way (%s) leaves nothing behind, and says why', async (failure, message) => {
  const backend = await startBackend();
  const { stdout, stderr, ...ending } = await runFixture({
    program: 'print-tracing.mjs',
    register: new URL('../fixtures/preload/failing-start.cjs', import.meta.url).pathname,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
      SWANSONG_TEST_REGISTER: registerFile,
      SWANSONG_TEST_FAILURE: failure,
    },
  });
  const [line = '', ...output] = stdout.split('\n');
  const { before, after } = JSON.parse(line);
  expect(before).toMatchObject(NOTHING);
  expect(after).toEqual(before);
  expect({ ...ending, output }).toEqual({ code: 0, signal: null, output: ['recording: false', ''] });
  const [told, ...stack] = stderr.split('\n');
  expect(told).toBe(`swansong: could not start, the application runs without telemetry: ${message}`);
  expect(stack.every((frame) => frame === '' || frame.startsWith('    at '))).toBe(true);
  expect(backend.requests).toEqual([]);
});
