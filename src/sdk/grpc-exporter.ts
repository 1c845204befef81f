import type { BatchExporter } from '../outbox/exporter-delivery.ts';
import { requireFromApplication } from './application-require.ts';

export type GrpcSignal = 'trace' | 'logs' | 'metrics';

const EXPORTER_CLASS: Readonly<Record<GrpcSignal, string>> = {
  trace: 'OTLPTraceExporter',
  logs: 'OTLPLogExporter',
  metrics: 'OTLPMetricExporter',
};

/**
 * The gRPC exporter of one signal, from a package that the application installs: gRPC is heavy, and few want it. It reads
 * the OTEL_EXPORTER_OTLP_* variables itself.
 * @throws Error that names the package to install
 */
export function loadGrpcExporter<T>(signal: GrpcSignal): BatchExporter<T> {
  const packageName = `@opentelemetry/exporter-${signal}-otlp-grpc`;
  const exporterClass = requireFromApplication(packageName, `OTLP over gRPC (${signal})`)[EXPORTER_CLASS[signal]];
  if (typeof exporterClass !== 'function') throw new Error(`${packageName} exports no ${EXPORTER_CLASS[signal]}`);
  const exporter: unknown = Reflect.construct(exporterClass, []);
  if (!isBatchExporter<T>(exporter)) throw new Error(`${EXPORTER_CLASS[signal]} of ${packageName} has no export()`);
  return exporter;
}

function isBatchExporter<T>(value: unknown): value is BatchExporter<T> {
  return typeof value === 'object' && value !== null && 'export' in value && typeof value.export === 'function';
}
