import type { BatchConfig, OtlpConfig } from '../../config/config.ts';
import { exporterType, serverAttributes } from '../../sdk-metrics/component-names.ts';
import { createExportPipeline, type ExportPipeline } from '../export/export-pipeline.ts';
import { type BatchExporter, exporterDelivery, exporterTransport } from '../export/exporter-transport.ts';
import { httpTransport } from '../export/http-transport.ts';
import type { ExportContext, OtherDestination } from '../export/processors.ts';
import type { OtlpPath, SignalKind } from '../export/signal-kinds.ts';
import type { Transport } from '../export/transport.ts';
import { grpcFinalDelivery } from './grpc-last-words.ts';
import { type OtlpHttpExporter, readOtlpHttpExporter } from './otlp-http-exporter.ts';
import { classOf, readMethod } from './private-fields.ts';

/** What holds for all exporters of one signal. */
export interface AdoptContext<T> extends ExportContext {
  readonly signal: SignalKind<T>;
  /** What the variables say of this signal. */
  readonly configured: OtlpConfig;
  readonly maxInFlight: number;
  /** Where the application has the last words go that its exporter cannot send. */
  readonly lastWords: OtherDestination | undefined;
}

/** An exporter of the application with an outbox of ours before it. */
export interface AdoptedExporter<T> {
  readonly pipeline: ExportPipeline<T>;
  /** Undefined where it is not OTLP over HTTP: then it does its own sending. */
  readonly otlp: OtlpHttpExporter<T> | undefined;
  /** What waits at the end of the process can be delivered. */
  readonly hasLastWords: boolean;
}

/** Takes over an OTLP/HTTP exporter: what it would send waits in an outbox, and goes where it would have gone. */
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
  return { pipeline, otlp, hasLastWords: true };
}

/**
 * Puts an outbox before any other exporter: it does its own sending.
 * @param needsLastWords undefined is returned where what waits at the end of the process could not be delivered
 */
export function adoptOtherExporter<T>(
  exporter: unknown,
  batch: BatchConfig,
  context: AdoptContext<T>,
  needsLastWords: boolean,
): AdoptedExporter<T> | undefined {
  const { signal, connections, maxInFlight, late } = context;
  const batchExporter = toBatchExporter(exporter, signal);
  if (batchExporter === undefined) return undefined;
  const name = classOf(exporter);
  const transport = exporterTransport(batchExporter);
  const finalDelivery = isSynchronous(exporter) ? transport.finalDelivery : otherFinalDelivery(exporter, context);
  if (needsLastWords && finalDelivery === undefined) return undefined;
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
  return { pipeline, otlp: undefined, hasLastWords: finalDelivery !== undefined };
}

/** Where the application has the last words go, else over gRPC where nothing of that is secret. */
function otherFinalDelivery<T>(
  exporter: unknown,
  { signal, lastWords, connections }: AdoptContext<T>,
): Transport<T>['finalDelivery'] {
  if (lastWords === undefined) return grpcFinalDelivery(exporter, signal);
  return httpTransport(lastWords.destination, signal.encoding(lastWords.format), connections).finalDelivery;
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
      // An agent that is none of Node's own (a proxy's) works as its exporter uses it.
      const agent = await destination.agent();
      return agent !== undefined ? transport.deliver(items, signal) : deliverByItself(items, signal);
    },
  };
}

/** Those of the SDK that write to the console or to memory: they deliver at the end of the process, too. */
export function isSynchronous(exporter: unknown): boolean {
  return /^(?:Console|InMemory)/.test(classOf(exporter));
}

/** Undefined for what is none; NodeSDK fails with it in its own way. */
function toBatchExporter<T>(exporter: unknown, signal: SignalKind<T>): BatchExporter<T> | undefined {
  const exportRequest = readMethod(exporter, 'export');
  return exportRequest && { export: (items, done) => void exportRequest(signal.toRequest(items), done) };
}

/** Another path at the backend of an exporter; undefined where its URL is not one of OTLP's. */
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
