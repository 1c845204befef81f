import { createRequire } from 'node:module';
import { diag } from '@opentelemetry/api';
import type { OtlpConfig } from '../config/config.ts';
import type { GrpcTarget } from './grpc-client.ts';
import { readTlsFiles } from './tls-files.ts';
import { resolveFromApplication } from '../application/application-require.ts';

export type GrpcSignal = 'trace' | 'logs' | 'metrics';

/** The method that receives (OTLP 1.11, `*_service.proto`). */
const METHODS: Readonly<Record<GrpcSignal, string>> = {
  trace: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};

/**
 * Where one signal goes over gRPC, and the grpc-js that takes it there: the one below the exporter package that the
 * application installs, since gRPC is heavy and few want it. The exporter itself is not used: it cannot give up a call that
 * is under way, so it would hold the process for the ten seconds of its timeout.
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
