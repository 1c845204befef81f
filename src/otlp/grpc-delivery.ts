import type { Deliver } from '../outbox/delivery.ts';
import type { GrpcClient } from './grpc-client.ts';
import { partialSuccess } from './classify-response.ts';
import { abortReason } from './http-delivery.ts';
import type { OtlpEncoding } from './otlp-encoding.ts';
import { isRetryableGrpcStatus } from './retryable.ts';

export interface GrpcDeliveryOptions<T> {
  readonly encoding: OtlpEncoding<T>;
  readonly client: GrpcClient;
  /** Starts a call with tracing suppressed: an export must not become a span. */
  readonly untraced: <Result>(start: () => Result) => Result;
}

/** One attempt over OTLP/gRPC; the outbox decides whether and when to try again. */
export function createGrpcDelivery<T>({ encoding, client, untraced }: GrpcDeliveryOptions<T>): Deliver<T> {
  return async (items, signal) => {
    const body = encoding.serialize(items);
    const answer = await untraced(() => client.call(body, { signal }));
    if (answer.status === 'answered') return { status: 'delivered', ...partialSuccess(answer.body, encoding) };
    const { error } = answer;
    // A call that was aborted from here has the status CANCELLED: the abort reason is the better error.
    if (signal.aborted) return { status: 'failed', error: abortReason(signal) ?? error, retryAfterMillis: 0 };
    if (!isRetryableGrpcStatus(error.code)) return { status: 'refused', error };
    return { status: 'failed', error, retryAfterMillis: 0 };
  };
}
