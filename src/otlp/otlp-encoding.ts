import { type ISerializer, ProtobufLogsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Losses } from './losses.ts';
import { logsRequest, metricsRequest, traceRequest } from './json-requests.ts';
import { mendLogRecord, mendSpan } from './mend-items.ts';
import { traceRequestBytes } from './protobuf-spans.ts';
import { mendCollection, salvageCollection } from './mend-metrics.ts';

interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** One signal in one OTLP encoding. */
export interface OtlpEncoding<T> {
  readonly contentType: string;
  /** Plural name of the items, for messages. */
  readonly noun: string;
  /** @throws what the serializer throws; see `encodeBatch` */
  serialize(items: readonly T[]): Uint8Array;
  /** An item as a backend takes it: almost always the same one. Undefined where nothing can be made of it. */
  mend?(item: T, losses: Losses): T | undefined;
  /** What is left of an item that cannot be serialised, where it has parts. */
  salvage?(item: T, serializes: (part: T) => boolean, error: Error, losses: Losses): T | undefined;
  /** Reads the body of a successful response. @throws what the deserializer throws on a body that is not an OTLP response */
  partialSuccess(body: Uint8Array): PartialSuccess;
}

/** A serializer of unknown version, where the exporter of an application brings its own. */
export type ForeignSerializer = ISerializer<
  unknown,
  { readonly partialSuccess: Rejection<'rejectedSpans' | 'rejectedLogRecords' | 'rejectedDataPoints'> }
>;

export type OtlpFormat = 'http/json' | 'http/protobuf';

type Rejection<Key extends string> = { readonly [key in Key]?: number } & { readonly errorMessage?: string };
type Serializer<Request, Key extends string> = ISerializer<Request, { readonly partialSuccess?: Rejection<Key> }>;

/** In JSON our own: that of OpenTelemetry writes numbers that a backend refuses (see json-values.ts). */
function jsonSerializer<Request, Key extends string>(toJson: (request: Request) => object): Serializer<Request, Key> {
  return {
    serializeRequest: (request) => Buffer.from(JSON.stringify(toJson(request))),
    deserializeResponse: (body) => (body.length === 0 ? {} : JSON.parse(Buffer.from(body).toString())),
  };
}

/**
 * Our own: that of OpenTelemetry takes three times as long, which is most of what a span costs. The response differs from that of log
 * records only in a name, which is not part of the encoding (trace_service.proto and logs_service.proto).
 */
const PROTOBUF_SPANS: Serializer<ReadableSpan[], 'rejectedSpans'> = {
  serializeRequest: traceRequestBytes,
  deserializeResponse(body) {
    const { partialSuccess } = ProtobufLogsSerializer.deserializeResponse(body);
    if (partialSuccess === undefined) return {};
    const { rejectedLogRecords: rejectedSpans, errorMessage } = partialSuccess;
    return {
      partialSuccess: {
        ...(rejectedSpans !== undefined && { rejectedSpans }),
        ...(errorMessage !== undefined && { errorMessage }),
      },
    };
  },
};

function encoding<T, Request, Key extends string>(
  noun: string,
  rejectedKey: Key,
  serializer: Serializer<Request, Key>,
  contentType: string,
  toRequest: (items: readonly T[]) => Request,
): OtlpEncoding<T> {
  return {
    contentType,
    noun,
    serialize(items) {
      const bytes = serializer.serializeRequest(toRequest(items));
      if (bytes === undefined) throw new Error(`${items.length} ${noun} could not be serialised`);
      return bytes;
    },
    partialSuccess(body) {
      const { partialSuccess } = serializer.deserializeResponse(body);
      // OTLP/JSON writes an int64 as a string, although the deserializer's type is number.
      return { rejected: Number(partialSuccess?.[rejectedKey] ?? 0), message: partialSuccess?.errorMessage ?? '' };
    },
  };
}

const CONTENT_TYPE: Readonly<Record<OtlpFormat, string>> = {
  'http/json': 'application/json',
  'http/protobuf': 'application/x-protobuf',
};

export function spanEncoding(format: OtlpFormat, foreign?: ForeignSerializer): OtlpEncoding<ReadableSpan> {
  const serializer: Serializer<ReadableSpan[], 'rejectedSpans'> =
    foreign ?? (format === 'http/json' ? jsonSerializer(traceRequest) : PROTOBUF_SPANS);
  const toRequest = (spans: readonly ReadableSpan[]): ReadableSpan[] => [...spans];
  return { ...encoding('spans', 'rejectedSpans', serializer, CONTENT_TYPE[format], toRequest), mend: mendSpan };
}

export function logRecordEncoding(format: OtlpFormat, foreign?: ForeignSerializer): OtlpEncoding<ReadableLogRecord> {
  const serializer: Serializer<ReadableLogRecord[], 'rejectedLogRecords'> =
    foreign ?? (format === 'http/json' ? jsonSerializer(logsRequest) : ProtobufLogsSerializer);
  const toRequest = (records: readonly ReadableLogRecord[]): ReadableLogRecord[] => [...records];
  return {
    ...encoding('log records', 'rejectedLogRecords', serializer, CONTENT_TYPE[format], toRequest),
    mend: mendLogRecord,
  };
}

/**
 * One collection of metrics per request: the serializers take only one. What the backend rejects of it is counted in data
 * points, not in collections, so that number goes into the message.
 */
export function metricsEncoding(format: OtlpFormat, foreign?: ForeignSerializer): OtlpEncoding<ResourceMetrics> {
  const serializer: Serializer<ResourceMetrics, 'rejectedDataPoints'> =
    foreign ?? (format === 'http/json' ? jsonSerializer(metricsRequest) : ProtobufMetricsSerializer);
  const one = encoding(
    'collections of metrics',
    'rejectedDataPoints',
    serializer,
    CONTENT_TYPE[format],
    ([collection]: readonly ResourceMetrics[]) => {
      if (collection === undefined) throw new Error('no metrics to serialise');
      return collection;
    },
  );
  return {
    ...one,
    mend: mendCollection,
    salvage: salvageCollection,
    partialSuccess(body) {
      const { rejected, message } = one.partialSuccess(body);
      return { rejected: 0, message: rejected > 0 ? `${rejected} data points: ${message}` : message };
    },
  };
}
