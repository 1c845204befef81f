import { createRequire } from 'node:module';
import { diag, type DiagLogger, DiagLogLevel } from '@opentelemetry/api';
import { expect, it, onTestFinished } from 'vitest';
import type { OtlpConfig } from '../../../src/config/config.ts';
import { findGrpcTarget, type GrpcSignal } from '../../../src/otlp/grpc-target.ts';

const OTLP: OtlpConfig = {
  protocol: 'grpc',
  endpoint: 'http://collector:4317',
  headers: { 'x-key': 'k' },
  compression: 'none',
  timeoutMillis: 1000,
  certificate: undefined,
  clientKey: undefined,
  clientCertificate: undefined,
  insecure: true,
};

it.each<[GrpcSignal, string]>([
  ['trace', 'trace.v1.TraceService'],
  ['logs', 'logs.v1.LogsService'],
  ['metrics', 'metrics.v1.MetricsService'],
])('%s: method, address and grpc-js are those of the application’s exporter', (signal, service) => {
  expect(findGrpcTarget(signal, OTLP)).toEqual({
    module: createRequire(import.meta.url).resolve('@grpc/grpc-js'),
    target: 'collector:4317',
    secure: false,
    method: `/opentelemetry.proto.collector.${service}/Export`,
    metadata: { 'x-key': 'k' },
    gzip: false,
    ca: undefined,
    key: undefined,
    cert: undefined,
  });
});

it('compression and TLS are passed on, and a certificate that cannot be read is told', () => {
  const warnings: string[] = [];
  const ignore = (): void => {};
  const logger: DiagLogger = {
    error: ignore,
    warn: (message) => void warnings.push(message),
    info: ignore,
    debug: ignore,
    verbose: ignore,
  };
  diag.setLogger(logger, DiagLogLevel.WARN);
  onTestFinished(() => diag.disable());
  const target = findGrpcTarget('trace', {
    ...OTLP,
    compression: 'gzip',
    insecure: false,
    certificate: '/nonexistent/ca.pem',
  });
  expect(target).toMatchObject({ gzip: true, secure: true });
  expect(warnings).toEqual([expect.stringContaining('/nonexistent/ca.pem')]);
});
