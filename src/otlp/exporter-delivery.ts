import { context } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { Deliver, DeliveryResult } from '../outbox/delivery.ts';
import { isRetryableGrpcStatus } from './retryable.ts';

/** What span, log record and metric exporters of the OpenTelemetry SDK have in common, as far as delivery goes. */
export interface BatchExporter<T> {
  export(items: T[], resultCallback: (result: ExportResult) => void): void;
}

/** What metric exporters of the SDK are: they take one collection. */
export interface SingleExporter<T> {
  export(item: T, resultCallback: (result: ExportResult) => void): void;
}

/** For an outbox that hands over one item at a time. */
export function singly<T>(exporter: SingleExporter<T>): BatchExporter<T> {
  return {
    export: (items, done) => {
      for (const item of items.slice(0, 1)) exporter.export(item, done);
    },
  };
}

/** Delivers through an exporter of the SDK. One that says a gRPC status is believed; any other failure is tried again. */
export function exporterDelivery<T>(exporter: BatchExporter<T>): Deliver<T> {
  return (items, signal) =>
    new Promise<DeliveryResult>((resolve) => {
      const onAbort = () => {
        resolve({ status: 'failed', error: asError(signal.reason), retryAfterMillis: 0 });
      };
      signal.addEventListener('abort', onAbort, { once: true });
      context.with(suppressTracing(context.active()), () => {
        exporter.export([...items], (result) => {
          signal.removeEventListener('abort', onAbort);
          resolve(toDeliveryResult(result));
        });
      });
    });
}

function toDeliveryResult({ code, error }: ExportResult): DeliveryResult {
  if (code === ExportResultCode.SUCCESS) return { status: 'delivered', rejected: 0, message: '' };
  const failure = error ?? new Error('the exporter failed and did not say why');
  const grpcCode: unknown = 'code' in failure ? failure.code : undefined;
  if (typeof grpcCode === 'number' && !isRetryableGrpcStatus(grpcCode)) return { status: 'refused', error: failure };
  return { status: 'failed', error: failure, retryAfterMillis: 0 };
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error('the attempt was ended', { cause: value });
}
