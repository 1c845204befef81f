import { gzipSync } from 'node:zlib';
import { GrpcClient } from '../otlp/grpc-client.ts';
import { HttpClient } from '../otlp/http-client.ts';
import { isRetryable, isRetryableGrpcStatus, isTooLargeForGrpc, retryAfterMillis } from '../otlp/retryable.ts';
import { type Attempt, type ExitWork, type GrpcExitRequest, type HttpExitRequest, NO_ANSWER } from './exit-request.ts';
import { processMillis, unixMillis } from '../clock/clock.ts';

/** The connections of one lane, and attempts of its requests over them. */
export class LaneConnections {
  #http: HttpClient | undefined;
  #grpc: GrpcClient | undefined;

  /** The function makes one attempt; it ends at the deadline. */
  attempts({ request, maxInFlight, deadline }: ExitWork): () => Promise<Attempt> {
    if (request.protocol === 'http') {
      this.#http ??= new HttpClient({ url: new URL(request.url), tls: request, maxConnections: maxInFlight });
      return httpAttempts(this.#http, request, deadline);
    }
    this.#grpc ??= new GrpcClient(request);
    return grpcAttempts(this.#grpc, request, deadline);
  }
}

function httpAttempts(client: HttpClient, request: HttpExitRequest, deadline: number): () => Promise<Attempt> {
  const { headers } = request;
  const body = request.gzip ? gzipSync(request.body) : request.body;
  // Packing may have taken the rest of the time. AbortSignal.timeout takes integers only.
  const signal = AbortSignal.timeout(Math.max(0, Math.floor(deadline - processMillis())));
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

function grpcAttempts(client: GrpcClient, request: GrpcExitRequest, deadline: number): () => Promise<Attempt> {
  return async () => {
    const leftMillis = Math.max(0, deadline - processMillis());
    const answer = await client.call(request.body, { deadline: unixMillis() + leftMillis });
    if (answer.status === 'answered') {
      const { body } = answer;
      return {
        answer: { status: 'answered', code: 200, contentType: 'application/grpc', body },
        retryAfterMillis: undefined,
      };
    }
    const { code, message } = answer.error;
    if (isRetryableGrpcStatus(code) && !isTooLargeForGrpc(answer.error))
      return { answer: { status: 'unanswered', message }, retryAfterMillis: 0 };
    return { answer: { status: 'refused', message }, retryAfterMillis: undefined };
  };
}
