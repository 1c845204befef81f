import type { BatchConfig, OtlpConfig } from '../../config/config.ts';
import { exporterType, serverAttributes } from '../../sdk-metrics/component-names.ts';
import { createExportPipeline, type ExportPipeline } from '../export/export-pipeline.ts';
import { type BatchExporter, exporterDelivery, exporterTransport } from '../export/exporter-transport.ts';
import { httpTransport } from '../export/http-transport.ts';
import type { ExportContext, OtherDestination } from '../export/processors.ts';
import type { OtlpPath, SignalKind } from '../export/signal-kinds.ts';
import type { Transport } from '../export/transport.ts';
import { grpcFinalDelivery } from './grpc-final-delivery.ts';
import { type OtlpHttpExporter, readOtlpHttpExporter } from './otlp-http-exporter.ts';
import { classOf, readMethod } from './private-fields.ts';

/** What holds for all exporters of one signal. */
export interface AdoptContext<T> extends ExportContext {
  readonly signal: SignalKind<T>;
  /** This signal's settings from the environment variables. */
  readonly configured: OtlpConfig;
  readonly maxInFlight: number;
  /** The option `endpoint`, for what an exporter cannot send when the process ends. */
  readonly finalDestination: OtherDestination | undefined;
}

/** An exporter of the application with an outbox of swansong before it. */
export interface AdoptedExporter<T> {
  readonly pipeline: ExportPipeline<T>;
  /** Undefined if it is not OTLP over HTTP: then the exporter itself sends. */
  readonly otlp: OtlpHttpExporter<T> | undefined;
  /** Whether items that wait when the process ends can be delivered. */
  readonly deliversAtEnd: boolean;
}

/** Takes over an OTLP/HTTP exporter: its items wait in an outbox, which sends them to the same backend. */
export function adoptOtlpExporter<T>(
  exporter: unknown,
  batch: BatchConfig,
  context: AdoptContext<T>,
): AdoptedExporter<T> | undefined {
  const { signal, configured, connections, maxInFlight, late } = context;
  const batchExporter = toBatchExporter(exporter, signal);
  if (batchExporter === undefined) return undefined;
  const otlp = readOtlpHttpExporter(exporter, signal, configured.headers);
  if (otlp === undefined) return undefined;
  const { endpoint } = otlp.destination;
  const pipeline = createExportPipeline({
    signal,
    batch,
    maxInFlight,
    late,
    transport: overHttp(otlp, batchExporter, context),
    timeoutMillis: otlp.timeoutMillis,
    health: connections.health(endpoint),
    exporterType: exporterType(signal.exported, otlp.format),
    server: serverAttributes(endpoint),
  });
  return { pipeline, otlp, deliversAtEnd: true };
}

/**
 * Puts an outbox before any other exporter, which itself sends.
 * @param mustDeliverAtEnd whether to return undefined if items that wait when the process ends could not be delivered
 */
export function adoptOtherExporter<T>(
  exporter: unknown,
  batch: BatchConfig,
  context: AdoptContext<T>,
  mustDeliverAtEnd: boolean,
): AdoptedExporter<T> | undefined {
  const { signal, connections, maxInFlight, late } = context;
  const batchExporter = toBatchExporter(exporter, signal);
  if (batchExporter === undefined) return undefined;
  const name = classOf(exporter);
  const transport = exporterTransport(batchExporter);
  const finalDelivery = isSynchronous(exporter) ? transport.finalDelivery : otherFinalDelivery(exporter, context);
  if (mustDeliverAtEnd && finalDelivery === undefined) return undefined;
  const pipeline = createExportPipeline({
    signal,
    batch,
    maxInFlight,
    late,
    transport: finalDelivery === undefined ? transport : { ...transport, finalDelivery },
    timeoutMillis: Infinity,
    health: connections.healthOf(name),
    exporterType: name,
    server: {},
  });
  return { pipeline, otlp: undefined, deliversAtEnd: finalDelivery !== undefined };
}

/** To the option `endpoint`, else over gRPC if the connection has no credentials. */
function otherFinalDelivery<T>(
  exporter: unknown,
  { signal, finalDestination, connections }: AdoptContext<T>,
): Transport<T>['finalDelivery'] {
  if (finalDestination === undefined) return grpcFinalDelivery(exporter, signal);
  return httpTransport(finalDestination.destination, signal.encoding(finalDestination.format), connections)
    .finalDelivery;
}

function overHttp<T>(
  { destination, encoding }: OtlpHttpExporter<T>,
  exporter: BatchExporter<T>,
  { connections }: AdoptContext<T>,
): Transport<T> {
  const transport = httpTransport<T>(destination, encoding, connections);
  const deliverByItself = exporterDelivery(exporter);
  return {
    ...transport,
    async deliver(items, signal) {
      // Any agent but Node's own (such as a proxy's) works only as its exporter uses it.
      const agent = await destination.agent();
      return agent !== undefined ? transport.deliver(items, signal) : deliverByItself(items, signal);
    },
  };
}

/** The SDK's console and in-memory exporters: they also deliver when the process ends. */
export function isSynchronous(exporter: unknown): boolean {
  return /^(?:Console|InMemory)/.test(classOf(exporter));
}

/** Undefined for what is not an exporter; NodeSDK then reports its own error. */
function toBatchExporter<T>(exporter: unknown, signal: SignalKind<T>): BatchExporter<T> | undefined {
  const exportRequest = readMethod(exporter, 'export');
  return exportRequest && { export: (items, done) => void exportRequest(signal.toRequest(items), done) };
}

/** Another signal's path at the backend of an exporter; undefined if its URL does not end with the path of OTLP. */
export function siblingOf(
  { destination, format, timeoutMillis }: OtherDestination,
  from: OtlpPath,
  to: OtlpPath,
): OtherDestination | undefined {
  const url = new URL(destination.endpoint);
  if (!url.pathname.endsWith(`/v1/${from}`)) return undefined;
  url.pathname = `${url.pathname.slice(0, -from.length)}${to}`;
  return { destination: { ...destination, endpoint: url.href }, format, timeoutMillis };
}
