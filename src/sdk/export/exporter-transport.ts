import { context } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { Deliver, DeliveryResult } from '../../outbox/delivery.ts';
import { isRetryable, isRetryableGrpcStatus, isTooLargeForGrpc } from '../../otlp/retryable.ts';
import { toError } from '../../values/thrown.ts';
import type { Transport } from './transport.ts';

/** The interface for delivery that span, log record and metric exporters of the OpenTelemetry SDK share. */
export interface BatchExporter<T> {
  export(items: T[], resultCallback: (result: ExportResult) => void): void;
}

/** Attempts for a batch if the exporter fails without a code: a minute and a half, with the pauses between them. */
const MAX_UNEXPLAINED_FAILURES = 8;
/** Smaller codes are gRPC's. */
const FIRST_HTTP_STATUS = 100;

const PAYLOAD_TOO_LARGE = 413;

function isTooLarge(code: number, message: string): boolean {
  return code === PAYLOAD_TOO_LARGE || isTooLargeForGrpc({ code, message });
}

/** Delivers through an exporter of the SDK. A failed batch is tried again, unless the error's code is a permanent failure. */
export function exporterDelivery<T>(exporter: BatchExporter<T>): Deliver<T> {
  const unexplained = new WeakMap<readonly T[], number>();
  const toDeliveryResult = (items: readonly T[], { code, error }: ExportResult): DeliveryResult => {
    if (code === ExportResultCode.SUCCESS) return { status: 'delivered', rejected: 0, message: '' };
    // An exporter in JavaScript may give any value.
    const failure = toError(error ?? new Error('the exporter failed without an error'));
    const reason = 'code' in failure ? failure.code : undefined;
    // The exporter's error holds the status of HTTP or gRPC.
    if (typeof reason === 'number' && isTooLarge(reason, failure.message))
      return { status: 'too_large', error: failure };
    let isFinal: boolean;
    if (typeof reason === 'number') {
      isFinal = !(reason < FIRST_HTTP_STATUS ? isRetryableGrpcStatus(reason) : isRetryable(reason));
    } else {
      const failures = (unexplained.get(items) ?? 0) + 1;
      unexplained.set(items, failures);
      // A text such as ECONNREFUSED is a connection error: worth trying again.
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
 * Through an exporter of the SDK, which itself sends. When the process ends it is called once more: a synchronous one (console,
 * memory, a file) delivers even then; any other cannot.
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
        const error = toError(result?.error ?? new Error('its exporter cannot deliver at the end of the process'));
        return { status: 'failed', error, retryAfterMillis: 0 };
      },
    }),
  };
}
