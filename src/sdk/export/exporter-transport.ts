import { context } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { Deliver, DeliveryResult } from '../../outbox/delivery.ts';
import { isRetryable, isRetryableGrpcStatus } from '../../otlp/retryable.ts';
import { toError } from '../../values/thrown.ts';
import type { Transport } from './transport.ts';

/** What span, log record and metric exporters of the OpenTelemetry SDK have in common, as far as delivery goes. */
export interface BatchExporter<T> {
  export(items: T[], resultCallback: (result: ExportResult) => void): void;
}

/** How often a batch is tried with an exporter that fails without a code: with the pauses between them a minute and a half. */
const MAX_UNEXPLAINED_FAILURES = 8;
/** Codes below are gRPC's, from it on HTTP's. */
const FIRST_HTTP_STATUS = 100;

/** Delivers through an exporter of the SDK. What fails is tried again, unless the exporter's code says that it is of no use. */
export function exporterDelivery<T>(exporter: BatchExporter<T>): Deliver<T> {
  const unexplained = new WeakMap<readonly T[], number>();
  const toDeliveryResult = (items: readonly T[], { code, error }: ExportResult): DeliveryResult => {
    if (code === ExportResultCode.SUCCESS) return { status: 'delivered', rejected: 0, message: '' };
    const failure = error ?? new Error('the exporter failed and did not say why');
    const reason = 'code' in failure ? failure.code : undefined;
    let isFinal: boolean;
    if (typeof reason === 'number') {
      isFinal = !(reason < FIRST_HTTP_STATUS ? isRetryableGrpcStatus(reason) : isRetryable(reason));
    } else {
      const failures = (unexplained.get(items) ?? 0) + 1;
      unexplained.set(items, failures);
      // ECONNREFUSED and its kind: a path that is unwell.
      isFinal = typeof reason !== 'string' && failures >= MAX_UNEXPLAINED_FAILURES;
    }
    return isFinal ? { status: 'refused', error: failure } : { status: 'failed', error: failure, retryAfterMillis: 0 };
  };
  return (items, signal) =>
    new Promise<DeliveryResult>((resolve) => {
      const onAbort = () => {
        resolve({ status: 'failed', error: toError(signal.reason, 'the attempt was ended'), retryAfterMillis: 0 });
      };
      signal.addEventListener('abort', onAbort, { once: true });
      context.with(suppressTracing(context.active()), () => {
        exporter.export([...items], (result) => {
          signal.removeEventListener('abort', onAbort);
          resolve(toDeliveryResult(items, result));
        });
      });
    });
}

/**
 * Through an exporter of the SDK that does its own sending. At the end of the process it is asked once more: one that is
 * synchronous (console, memory, a file) delivers even then, of any other nothing arrives.
 */
export function exporterTransport<T>(exporter: BatchExporter<T>): Transport<T> {
  return {
    deliver: exporterDelivery(exporter),
    finalDelivery: (items) => ({
      kind: 'sync',
      deliver() {
        let result: ExportResult | undefined;
        exporter.export([...items], (known) => {
          result = known;
        });
        if (result?.code === ExportResultCode.SUCCESS) return { status: 'delivered', rejected: 0, message: '' };
        const error = result?.error ?? new Error('its exporter cannot deliver at the end of the process');
        return { status: 'failed', error, retryAfterMillis: 0 };
      },
    }),
  };
}
