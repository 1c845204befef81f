import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

describe('the last interval of metrics', () => {
  it.each([
    ['drains', [7]],
    ['listener', [7]],
    // Collecting takes promises, and nothing runs after this.
    ['exit', []],
    // Those of the runtime alone are not worth a request, nor a wait for a backend.
    ['nothing', []],
  ])('of a job that %s', async (end, expected) => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'count-and-drain.mjs',
      args: [end],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    const metrics = backend.metrics();
    expect({
      ...result,
      received: metrics.filter(({ name }) => name === 'job.rows').map(({ value }) => value),
      requests: backend.requests.length,
    }).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
      received: expected,
      // With the collection goes the word that the process started and ended.
      requests: expected.length === 0 ? 0 : 2,
    });
  });

  it('is collected once by a program that flushes before it ends', async () => {
    const backend = await startBackend();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_LOGS_EXPORTER: 'none' };
    await runFixture({ program: 'emit-all-signals.mjs', env });
    expect(backend.requests.filter(({ path }) => path === '/v1/metrics')).toHaveLength(1);
  });
});
