import { createRequire } from 'node:module';
import { diag } from '@opentelemetry/api';
import type { OtlpConfig } from '../config/config.ts';
import { type BatchExporter, exporterDelivery, type SingleExporter, singly } from '../otlp/exporter-delivery.ts';
import type { OtlpEncoding } from '../otlp/otlp-encoding.ts';
import { readTlsFiles } from '../otlp/tls-files.ts';
import { createApplicationRequire, requireFromApplication } from './application-require.ts';
import type { Way } from './backends.ts';
import { judgeExitAnswer } from './judge-exit-answer.ts';

export type GrpcSignal = 'trace' | 'logs' | 'metrics';

interface Service {
  /** The class that the exporter package exports. */
  readonly exporter: string;
  /** The method that receives (OTLP 1.11, `*_service.proto`). */
  readonly method: string;
}

const SERVICES: Readonly<Record<GrpcSignal, Service>> = {
  trace: {
    exporter: 'OTLPTraceExporter',
    method: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  },
  logs: {
    exporter: 'OTLPLogExporter',
    method: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  },
  metrics: {
    exporter: 'OTLPMetricExporter',
    method: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  },
};

/**
 * OTLP over gRPC, by the exporter package of one signal that the application installs: gRPC is heavy, and few want it. The
 * exporter reads the OTEL_EXPORTER_OTLP_* variables itself. At the end of the process the same message goes by the exporter's
 * own copy of grpc-js.
 *
 * @param protobuf how the signal looks in protobuf
 * @throws Error that names the package to install
 */
export function overGrpc<T>(signal: GrpcSignal, otlp: OtlpConfig, protobuf: OtlpEncoding<T>): Way<T> {
  const packageName = `@opentelemetry/exporter-${signal}-otlp-grpc`;
  const { exporter, method } = SERVICES[signal];
  const deliver = exporterDelivery(createExporter<T>(packageName, exporter, signal));
  const { host: target } = new URL(otlp.endpoint);
  const module = findGrpc(packageName);
  const tls = readTlsFiles(otlp, (message) => diag.warn(message));
  return {
    deliver,
    depart: (items) => ({
      kind: 'request',
      request: {
        protocol: 'grpc',
        module,
        target,
        secure: !otlp.insecure,
        method,
        metadata: otlp.headers,
        gzip: otlp.compression === 'gzip',
        ...tls,
        body: protobuf.serialize(items),
      },
      judge: (answer) => judgeExitAnswer(answer, protobuf),
    }),
  };
}

function createExporter<T>(packageName: string, className: string, signal: GrpcSignal): BatchExporter<T> {
  const exporterClass = requireFromApplication(packageName, `OTLP over gRPC (${signal})`)[className];
  if (typeof exporterClass !== 'function') throw new Error(`${packageName} exports no ${className}`);
  const exporter: unknown = Reflect.construct(exporterClass, []);
  const complaint = `${className} of ${packageName} has no export()`;
  if (signal === 'metrics') {
    if (!isExporter<SingleExporter<T>>(exporter)) throw new Error(complaint);
    return singly(exporter);
  }
  if (!isExporter<BatchExporter<T>>(exporter)) throw new Error(complaint);
  return exporter;
}

/** The copy of grpc-js that the exporter uses. */
function findGrpc(packageName: string): string {
  const fromExporter = createRequire(createApplicationRequire().resolve(packageName));
  return createRequire(fromExporter.resolve('@opentelemetry/otlp-grpc-exporter-base')).resolve('@grpc/grpc-js');
}

function isExporter<E>(value: unknown): value is E {
  return typeof value === 'object' && value !== null && 'export' in value && typeof value.export === 'function';
}
