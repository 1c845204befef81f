import { type Deliver, withInvalid } from '../outbox/delivery.ts';
import { encodeBatch } from './encode-batch.ts';
import type { GrpcClient } from './grpc-client.ts';
import { partialSuccess } from './classify-response.ts';
import { abortReason } from './http-delivery.ts';
import type { OtlpEncoding } from './otlp-encoding.ts';
import { isRetryableGrpcStatus, isTooLargeForGrpc } from './retryable.ts';

export interface GrpcDeliveryOptions<T> {
  readonly encoding: OtlpEncoding<T>;
  readonly client: GrpcClient;
  /** Starts a call with tracing suppressed: an export must not become a span. */
  readonly untraced: <Result>(start: () => Result) => Result;
}

/** One attempt over OTLP/gRPC; the outbox decides whether and when to try again. */
export function createGrpcDelivery<T>({ encoding, client, untraced }: GrpcDeliveryOptions<T>): Deliver<T> {
  return async (items, signal) => {
    const encoded = encodeBatch(encoding, items);
    if (encoded.status === 'invalid') return encoded;
    const { bytes, invalid } = encoded;
    const answer = await untraced(() => client.call(bytes, { signal }));
    if (answer.status === 'answered')
      return withInvalid({ status: 'delivered', ...partialSuccess(answer.body, encoding) }, invalid);
    const { error } = answer;
    // A call that was aborted from here has the status CANCELLED: the abort reason is the better error.
    if (signal.aborted) return { status: 'failed', error: abortReason(signal) ?? error, retryAfterMillis: 0 };
    if (isTooLargeForGrpc(error)) return withInvalid({ status: 'too_large', error }, invalid);
    if (!isRetryableGrpcStatus(error.code)) return withInvalid({ status: 'refused', error }, invalid);
    return { status: 'failed', error, retryAfterMillis: 0 };
  };
}
