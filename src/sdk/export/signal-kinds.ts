import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { GrpcSignal } from '../../otlp/grpc-target.ts';
import {
  logRecordEncoding,
  metricsEncoding,
  type OtlpEncoding,
  type OtlpFormat,
  spanEncoding,
} from '../../otlp/otlp-encoding.ts';
import type { ExportedSignal } from '../../sdk-metrics/observe-sdk.ts';

/** What the three signals differ in on their way from an outbox to a backend. */
export interface SignalKind<T> {
  /** What items are called, for messages. */
  readonly noun: string;
  readonly exported: ExportedSignal;
  /** What a batch counts in the SDK's metrics about itself. */
  sizeOf(items: readonly T[]): number;
  readonly grpc: GrpcSignal;
  encoding(format: OtlpFormat): OtlpEncoding<T>;
  /** Name of the instrumentation scope that an item comes from. */
  scope(item: T): string;
}

export const SPANS: SignalKind<ReadableSpan> = {
  noun: 'spans',
  exported: 'span',
  sizeOf: ({ length }) => length,
  grpc: 'trace',
  encoding: spanEncoding,
  scope: ({ instrumentationScope }) => instrumentationScope.name,
};

export const LOG_RECORDS: SignalKind<ReadableLogRecord> = {
  noun: 'log records',
  exported: 'log',
  sizeOf: ({ length }) => length,
  grpc: 'logs',
  encoding: logRecordEncoding,
  scope: ({ instrumentationScope }) => instrumentationScope.name,
};

export const METRICS: SignalKind<ResourceMetrics> = {
  noun: 'collections of metrics',
  exported: 'metric_data_point',
  sizeOf: countDataPoints,
  grpc: 'metrics',
  encoding: metricsEncoding,
  scope: () => 'metrics',
};

function countDataPoints(collections: readonly ResourceMetrics[]): number {
  let points = 0;
  for (const { scopeMetrics } of collections) {
    for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) points += dataPoints.length;
  }
  return points;
}
