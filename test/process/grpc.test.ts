import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { authority, serverCertificate } from '../support/certificates.ts';
import { startGrpcBackend } from '../support/grpc-backend.ts';
import { runFixture, startFixture } from '../support/run-fixture.ts';

const GRPC = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_METRICS_EXPORTER: 'none' };

describe('OTLP over gRPC, with the exporter packages that the application installs', () => {
  it('delivers while the process lives', async () => {
    const backend = await startGrpcBackend();
    const env = {
      ...GRPC,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${backend.target}`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=1',
    };
    const result = await runFixture({ program: 'emit-all-signals.mjs', env });
    expect(result).toEqual({ code: 0, signal: null, stdout: '{"ok":true,"timedOut":false}\n', stderr: '' });
    expect(backend.spans.map(({ name }) => name)).toEqual(['linked', 'work']);
    expect(backend.metadata[0]?.get('x-token')).toEqual(['1']);
    expect(backend.metadata[0]?.get('user-agent')).toEqual([expect.stringMatching(/^swansong\/\d/)]);
  });

  it('delivers metrics too', async () => {
    const backend = await startGrpcBackend();
    const env = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: `http://${backend.target}` };
    const result = await runFixture({ program: 'emit-all-signals.mjs', env });
    expect(result).toEqual({ code: 0, signal: null, stdout: '{"ok":true,"timedOut":false}\n', stderr: '' });
    expect(backend.metrics.filter(({ name }) => name === 'app.counter')).toMatchObject([{ value: 3 }]);
    expect(backend.logRecords.map(({ body }) => body)).toContain('hello');
  });

  it('counts what the backend rejects of a request', async () => {
    const backend = await startGrpcBackend();
    backend.partial = { rejected: 1, message: 'one had no name' };
    const env = { ...GRPC, OTEL_LOGS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: `http://${backend.target}` };
    const result = await runFixture({ program: 'emit-all-signals.mjs', env });
    expect(result).toEqual({
      code: 0,
      signal: null,
      stdout: '{"ok":false,"timedOut":false}\n',
      stderr:
        'swansong: losing spans (rejected): one had no name; further losses are only counted\n' +
        'swansong: lost at the end of the process: 1 span (rejected)\n',
    });
  });

  it('cancels a call at the timeout, and tries again', async () => {
    const backend = await startGrpcBackend();
    backend.mute = true;
    const env = {
      ...GRPC,
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_TIMEOUT: '200',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${backend.target}`,
    };
    const fixture = startFixture({ program: 'emit-all-signals.mjs', env });
    await fixture.line('no answer within 200 ms; keeping it', { stream: 'stderr' });
    backend.mute = false;
    expect(await fixture.result).toMatchObject({ code: 0, stdout: '{"ok":true,"timedOut":false}\n' });
    expect(backend.spans.map(({ name }) => name)).toEqual(['linked', 'work']);
  });

  it.each([
    ['plain', {}, 'http', {}],
    [
      'gzip and headers',
      { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_HEADERS: 'x-token=1' },
      'http',
      {},
    ],
    ['TLS with a private CA', { OTEL_EXPORTER_OTLP_CERTIFICATE: authority }, 'https', { tls: serverCertificate }],
  ])('delivers the last words of a crash: %s', async (_title, more, scheme, options) => {
    const backend = await startGrpcBackend(options);
    // By name: on Node 26 grpc-js cannot speak TLS with an address (ERR_INVALID_ARG_VALUE for the server name).
    const env = {
      ...GRPC,
      ...more,
      OTEL_EXPORTER_OTLP_ENDPOINT: `${scheme}://${backend.target.replace('127.0.0.1', 'localhost')}`,
    };
    const without = await runFixture({ program: 'crash.mjs', preload: 'none' });
    expect(await runFixture({ program: 'crash.mjs', env })).toEqual(without);
    expect(backend.spans.map(({ name }) => name)).toEqual(['ended', 'open']);
    expect(backend.logRecords.map(({ eventName }) => eventName)).toEqual([
      'exception',
      'swansong.process.started',
      'swansong.process.exited',
    ]);
  });

  it('tries again after a retryable status, and reports what was refused', async () => {
    const backend = await startGrpcBackend();
    backend.failures.push(
      { code: status.UNAVAILABLE, details: 'later' },
      { code: status.UNAVAILABLE, details: 'later' },
    );
    const env = { ...GRPC, OTEL_EXPORTER_OTLP_ENDPOINT: `http://${backend.target}` };
    const without = await runFixture({ program: 'crash.mjs', preload: 'none' });
    expect(await runFixture({ program: 'crash.mjs', env })).toEqual(without);
    expect(backend.spans).toHaveLength(2);
    backend.failures.push(
      { code: status.INVALID_ARGUMENT, details: 'no' },
      { code: status.INVALID_ARGUMENT, details: 'no' },
    );
    const refused = await runFixture({ program: 'crash.mjs', env });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toBe(
      `swansong: lost at the end of the process: 2 spans (3 INVALID_ARGUMENT: no), 3 log records (3 INVALID_ARGUMENT: no)\n${without.stderr}`,
    );
  });
});
