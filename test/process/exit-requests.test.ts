import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

/** Longer than a program may run in a test: one that waits for this long fails. */
const ENDLESS = '600000';
const PROGRAM = 'endings/throw-with-2048-spans.mjs';
const SPANS_ONLY = { OTEL_LOGS_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '16' };

describe('many batches at the end of a process', () => {
  it('are sent over ten connections, ten at once, as while it lives', async () => {
    const backend = await startBackend({ kind: 'ok', latencyMillis: 5 });
    const without = await runFixture({ program: PROGRAM, preload: 'none' });
    const preloaded = await runFixture({
      program: PROGRAM,
      env: { ...SPANS_ONLY, OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_EXIT_TIMEOUT: ENDLESS },
    });
    expect({
      ...preloaded,
      received: backend.acknowledgedSpans().length,
      requests: backend.requests.length,
      maxInFlight: backend.maxInFlight,
      connections: backend.maxConnections,
    }).toEqual({ ...without, received: 2050, requests: 129, maxInFlight: 10, connections: 10 });
  });

  it('are lost with their reasons when the backend never answers: ten were sent, the others were not', async () => {
    const backend = await startBackend({ kind: 'mute' });
    const without = await runFixture({ program: PROGRAM, preload: 'none' });
    const preloaded = await runFixture({
      program: PROGRAM,
      env: { ...SPANS_ONLY, OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_EXIT_TIMEOUT: '2000' },
    });
    expect({ ...preloaded, received: backend.requests.length }).toEqual({
      ...without,
      stderr: `swansong: lost at the end of the process: 160 spans (no answer in time), 1890 spans (not sent in time)\n${without.stderr}`,
      received: 10,
    });
  });

  it('are given up quickly when nobody listens: three attempts of the first ten, then one each', async () => {
    const backend = await startBackend({ kind: 'reset' });
    const without = await runFixture({ program: PROGRAM, preload: 'none' });
    const preloaded = await runFixture({
      program: PROGRAM,
      env: { ...SPANS_ONLY, OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_EXIT_TIMEOUT: ENDLESS },
    });
    expect(preloaded).toEqual({
      ...without,
      stderr: expect.stringMatching(/^swansong: lost at the end of the process: 2050 spans \([^()]+\)\n/),
    });
    expect(backend.requests.length).toBeLessThan(2 * 129);
  });
});
