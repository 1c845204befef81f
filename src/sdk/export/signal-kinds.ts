import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { GrpcSignal } from '../../otlp/grpc-target.ts';
import {
  type ForeignSerializer,
  logRecordEncoding,
  metricsEncoding,
  type OtlpEncoding,
  type OtlpFormat,
  spanEncoding,
} from '../../otlp/otlp-encoding.ts';
import type { ExportedSignal } from '../../sdk-metrics/observe-sdk.ts';

export type OtlpPath = 'traces' | 'logs' | 'metrics';

/** What differs between the three signals in delivery. */
export interface SignalKind<T> {
  /** The name of the items in messages. */
  readonly noun: string;
  readonly exported: ExportedSignal;
  /** The size of a batch in the SDK's metrics about itself. */
  sizeOf(items: readonly T[]): number;
  readonly grpc: GrpcSignal;
  /** Last part of the path of an OTLP/HTTP endpoint. */
  readonly path: OtlpPath;
  encoding(format: OtlpFormat, foreign?: ForeignSerializer): OtlpEncoding<T>;
  /** The argument for an exporter of the SDK and for its serializer. */
  toRequest(items: readonly T[]): unknown;
  /** The same without items. */
  readonly emptyRequest: unknown;
  /** Name of the instrumentation scope that an item comes from. */
  scope(item: T): string;
  resource(item: T): Resource;
}

export const SPANS: SignalKind<ReadableSpan> = {
  noun: 'spans',
  exported: 'span',
  sizeOf: ({ length }) => length,
  grpc: 'trace',
  path: 'traces',
  encoding: spanEncoding,
  toRequest: (items) => [...items],
  emptyRequest: [],
  scope: ({ instrumentationScope }) => instrumentationScope.name,
  resource: ({ resource }) => resource,
};

export const LOG_RECORDS: SignalKind<ReadableLogRecord> = {
  noun: 'log records',
  exported: 'log',
  sizeOf: ({ length }) => length,
  grpc: 'logs',
  path: 'logs',
  encoding: logRecordEncoding,
  toRequest: (items) => [...items],
  emptyRequest: [],
  scope: ({ instrumentationScope }) => instrumentationScope.name,
  resource: ({ resource }) => resource,
};

export const METRICS: SignalKind<ResourceMetrics> = {
  noun: 'collections of metrics',
  exported: 'metric_data_point',
  sizeOf: countDataPoints,
  grpc: 'metrics',
  path: 'metrics',
  encoding: metricsEncoding,
  // One collection per request.
  toRequest: ([collection]) => collection,
  emptyRequest: { resource: { attributes: {} }, scopeMetrics: [] },
  scope: () => 'metrics',
  resource: ({ resource }) => resource,
};

function countDataPoints(collections: readonly ResourceMetrics[]): number {
  let points = 0;
  for (const { scopeMetrics } of collections) {
    for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) points += dataPoints.length;
  }
  return points;
}
