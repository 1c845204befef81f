import {
  type ISerializer,
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** One signal in one OTLP encoding. */
export interface OtlpEncoding<T> {
  readonly contentType: string;
  /** Plural name of the items, for messages. */
  readonly noun: string;
  serialize(items: readonly T[]): Uint8Array;
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

function encoding<T, Request, Key extends string>(
  noun: string,
  rejectedKey: Key,
  serializer: ISerializer<Request, { readonly partialSuccess?: Rejection<Key> }>,
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
  const serializer = foreign ?? (format === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer);
  return encoding('spans', 'rejectedSpans', serializer, CONTENT_TYPE[format], (spans: readonly ReadableSpan[]) => [
    ...spans,
  ]);
}

export function logRecordEncoding(format: OtlpFormat, foreign?: ForeignSerializer): OtlpEncoding<ReadableLogRecord> {
  const serializer = foreign ?? (format === 'http/json' ? JsonLogsSerializer : ProtobufLogsSerializer);
  return encoding(
    'log records',
    'rejectedLogRecords',
    serializer,
    CONTENT_TYPE[format],
    (records: readonly ReadableLogRecord[]) => [...records],
  );
}

/**
 * One collection of metrics per request: the serializers take only one. What the backend rejects of it is counted in data
 * points, not in collections, so that number goes into the message.
 */
export function metricsEncoding(format: OtlpFormat, foreign?: ForeignSerializer): OtlpEncoding<ResourceMetrics> {
  const serializer = foreign ?? (format === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer);
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
    partialSuccess(body) {
      const { rejected, message } = one.partialSuccess(body);
      return { rejected: 0, message: rejected > 0 ? `${rejected} data points: ${message}` : message };
    },
  };
}
