import { context } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { Deliver, DeliveryResult } from '../../outbox/delivery.ts';
import { toError } from '../../values/to-error.ts';

/** What span, log record and metric exporters of the OpenTelemetry SDK have in common, as far as delivery goes. */
export interface BatchExporter<T> {
  export(items: T[], resultCallback: (result: ExportResult) => void): void;
}

/** Delivers through an exporter of the SDK. What fails is tried again. */
export function exporterDelivery<T>(exporter: BatchExporter<T>): Deliver<T> {
  return (items, signal) =>
    new Promise<DeliveryResult>((resolve) => {
      const onAbort = () => {
        resolve({ status: 'failed', error: toError(signal.reason, 'the attempt was ended'), retryAfterMillis: 0 });
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
  return { status: 'failed', error: failure, retryAfterMillis: 0 };
}
