import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

describe('SWANSONG_INSTRUMENTATIONS', () => {
  it.each(['express-app.mjs', 'express-app.cjs'])('loads a package of the application for %s', async (program) => {
    const backend = await startBackend();
    const result = await runFixture({
      program,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        SWANSONG_INSTRUMENTATIONS: '@opentelemetry/instrumentation-express',
      },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    const scopes = backend.spans().map(({ scope }) => scope.name);
    expect(scopes).toContain('@opentelemetry/instrumentation-express');
    const server = backend.spans().find(({ kind }) => kind === 2);
    expect(server).toMatchObject({ name: 'GET /orders/:id', attributes: { 'http.route': '/orders/:id' } });
  });
});

describe('the logs API before @opentelemetry/api 1.10', () => {
  it('reaches the same pipeline', async () => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'log-by-legacy-api.mjs',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(backend.logRecords()).toMatchObject([
      {
        body: 'from the past',
        severityNumber: 13,
        attributes: { a: 1 },
        scope: { name: 'legacy', version: '1.0.0' },
        spanId: backend.spans()[0]?.spanId,
      },
    ]);
  });
});
