import { createRequire } from 'node:module';
import { diag } from '@opentelemetry/api';
import type { OtlpConfig } from '../config/config.ts';
import type { GrpcTarget } from './grpc-client.ts';
import { readTlsFiles } from './tls-files.ts';
import { resolveFromApplication } from '../application/application-require.ts';

export type GrpcSignal = 'trace' | 'logs' | 'metrics';

/** The method of each signal (OTLP 1.11, `*_service.proto`). */
const METHODS: Readonly<Record<GrpcSignal, string>> = {
  trace: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};

/**
 * Where one signal is sent over gRPC, and with which copy of grpc-js: the one that the application's exporter package depends
 * on, since gRPC is large and few need it. The exporter itself is not used: it cannot abort a call in flight, so it would keep
 * the process alive for the ten seconds of its timeout.
 *
 * @throws Error that names the package to install
 */
export function findGrpcTarget(signal: GrpcSignal, otlp: OtlpConfig): GrpcTarget {
  const packageName = `@opentelemetry/exporter-${signal}-otlp-grpc`;
  const fromExporter = createRequire(resolveFromApplication(packageName, `OTLP over gRPC (${signal})`));
  return {
    module: createRequire(fromExporter.resolve('@opentelemetry/otlp-grpc-exporter-base')).resolve('@grpc/grpc-js'),
    target: new URL(otlp.endpoint).host,
    secure: !otlp.insecure,
    method: METHODS[signal],
    metadata: otlp.headers,
    gzip: otlp.compression === 'gzip',
    ...readTlsFiles(otlp, (message) => diag.warn(message)),
  };
}
