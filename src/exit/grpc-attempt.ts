import { GrpcClient } from '../otlp/grpc-client.ts';
import { isRetryableGrpcStatus } from '../otlp/retryable.ts';
import type { Attempt, GrpcExitRequest } from './exit-request.ts';

/** Attempts of one unary call over gRPC. */
export function grpcAttempts(request: GrpcExitRequest, until: number): () => Promise<Attempt> {
  const client = new GrpcClient(request);
  return async () => {
    const answer = await client.call(request.body, { deadline: Date.now() + Math.max(0, until - performance.now()) });
    if (answer.status === 'answered') {
      const { body } = answer;
      return {
        answer: { status: 'answered', code: 200, contentType: 'application/grpc', body },
        retryAfterMillis: undefined,
      };
    }
    const { code, message } = answer.error;
    if (isRetryableGrpcStatus(code)) return { answer: { status: 'unanswered', message }, retryAfterMillis: 0 };
    return { answer: { status: 'refused', message }, retryAfterMillis: undefined };
  };
}
