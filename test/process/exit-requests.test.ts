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
    const lost = [...preloaded.stderr.matchAll(/(\d+) spans \((no answer|not sent) in time\)/g)];
    expect({
      ...preloaded,
      received: backend.requests.length,
      lost: lost.reduce((sum, [, count]) => sum + Number(count), 0),
      // On a busy machine the worker may not be in time to say of all of them that they were not sent.
      reasons: new Set(lost.map(([, , reason]) => reason)),
    }).toEqual({
      ...without,
      stderr: `swansong: lost at the end of the process: ${lost.map(([text]) => text).join(', ')}\n${without.stderr}`,
      received: 10,
      lost: 2050,
      reasons: new Set(['no answer', 'not sent']),
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
