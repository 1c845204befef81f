import { readFileSync } from 'node:fs';
import {
  type Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type StatusObject,
} from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { encodePartialSuccess, type PartialSuccess, type Signal } from './behaviour.ts';
import { decodeRequest } from './decode-request.ts';
import { flattenLogRecords, flattenMetrics, flattenSpans } from './flatten-otlp.ts';
import type { ReceivedLogRecord, ReceivedMetric, ReceivedSpan } from './received-telemetry.ts';

const METHODS: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};

export interface GrpcBackendOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A real OTLP/gRPC server on 127.0.0.1 that records what it acknowledges. */
export class GrpcBackend {
  readonly #server = new Server();
  readonly spans: ReceivedSpan[] = [];
  readonly logRecords: ReceivedLogRecord[] = [];
  readonly metrics: ReceivedMetric[] = [];
  readonly metadata: Metadata[] = [];
  /** Statuses with which the next calls are answered; then all is well. */
  readonly failures: Pick<StatusObject, 'code' | 'details'>[] = [];
  /** What every answer says besides yes. */
  partial: PartialSuccess | undefined;
  /** Never answers a call. */
  mute = false;
  #port = 0;

  constructor() {
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      this.#server.register<Buffer, Buffer>(
        METHODS[signal],
        (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
          this.metadata.push(call.metadata);
          if (this.mute) return;
          const failure = this.failures.shift();
          if (failure !== undefined) {
            answer(failure);
            return;
          }
          const request = decodeRequest(signal, 'application/x-protobuf', call.request);
          this.spans.push(...flattenSpans(request, 0));
          this.logRecords.push(...flattenLogRecords(request, 0));
          this.metrics.push(...flattenMetrics(request, 0));
          answer(null, Buffer.from(this.partial === undefined ? [] : encodePartialSuccess(this.partial)));
        },
        (message) => message,
        (message) => message,
        'unary',
      );
    }
  }

  /** `127.0.0.1:port` */
  get target(): string {
    return `127.0.0.1:${this.#port}`;
  }

  start({ tls }: GrpcBackendOptions): Promise<void> {
    const credentials =
      tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [
            { private_key: readFileSync(tls.key), cert_chain: readFileSync(tls.cert) },
          ]);
    return new Promise((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
        this.#port = port;
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  close(): void {
    this.#server.forceShutdown();
  }
}

export async function startGrpcBackend(options: GrpcBackendOptions = {}): Promise<GrpcBackend> {
  const backend = new GrpcBackend();
  await backend.start(options);
  onTestFinished(() => backend.close());
  return backend;
}
