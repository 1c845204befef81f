import { gzipSync } from 'node:zlib';
import { monotonicMillis, unixMillis } from '../clock/clock.ts';
import { GrpcClient } from '../otlp/grpc-client.ts';
import { HttpClient } from '../otlp/http-client.ts';
import { isRetryable, isRetryableGrpcStatus, retryAfterMillis } from '../otlp/retryable.ts';
import { type Attempt, type GrpcExitRequest, type HttpExitRequest, NO_ANSWER } from './exit-request.ts';

/** Attempts of one request over HTTP, on one connection. */
export function httpAttempts(request: HttpExitRequest, signal: AbortSignal): () => Promise<Attempt> {
  const { headers } = request;
  const client = new HttpClient({ url: new URL(request.url), tls: request, maxConnections: 1 });
  const body = request.gzip ? gzipSync(request.body) : request.body;
  return async () => {
    const answer = await client.post(body, headers, signal);
    if (answer.status === 'unanswered') {
      const message = signal.aborted ? NO_ANSWER : answer.error.message;
      return { answer: { status: 'unanswered', message }, retryAfterMillis: 0 };
    }
    const { code } = answer;
    return {
      answer: {
        status: 'answered',
        code,
        contentType: answer.headers['content-type'] ?? '',
        body: new Uint8Array(answer.body),
      },
      retryAfterMillis: isRetryable(code) ? retryAfterMillis(answer.headers['retry-after']) : undefined,
    };
  };
}

/** Attempts of one unary call over gRPC. */
export function grpcAttempts(request: GrpcExitRequest, until: number): () => Promise<Attempt> {
  const client = new GrpcClient(request);
  return async () => {
    const answer = await client.call(request.body, { deadline: unixMillis() + Math.max(0, until - monotonicMillis()) });
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
