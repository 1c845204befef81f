import { createRequire } from 'node:module';
import type * as Grpc from '@grpc/grpc-js';
import { isRetryableGrpcStatus } from '../otlp/retryable.ts';
import type { Attempt, GrpcExitRequest } from './exit-request.ts';

/** grpc-js' number for gzip in `grpc.default_compression_algorithm`. */
const GZIP = 2;

/** Attempts of one unary call over gRPC, by the application's own copy of grpc-js; the body is a message already. */
export function grpcAttempts(request: GrpcExitRequest, until: number): () => Promise<Attempt> {
  const grpc: typeof Grpc = createRequire(request.module)(request.module);
  const pem = (bytes: Uint8Array | undefined): Buffer | null => (bytes === undefined ? null : Buffer.from(bytes));
  const credentials = request.secure
    ? grpc.credentials.createSsl(pem(request.ca), pem(request.key), pem(request.cert))
    : grpc.credentials.createInsecure();
  const client = new grpc.Client(
    request.target,
    credentials,
    request.gzip ? { 'grpc.default_compression_algorithm': GZIP } : {},
  );
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(request.metadata)) metadata.set(name, value);
  return () =>
    new Promise((resolve) => {
      client.makeUnaryRequest(
        request.method,
        (message: Uint8Array) => Buffer.from(message),
        (message: Buffer) => new Uint8Array(message),
        request.body,
        metadata,
        { deadline: Date.now() + Math.max(0, until - performance.now()) },
        (error, response) => {
          resolve(toAttempt(error, response));
        },
      );
    });
}

function toAttempt(error: Grpc.ServiceError | null, response: Uint8Array = new Uint8Array()): Attempt {
  if (error === null) {
    const answer = { status: 'answered', code: 200, contentType: 'application/grpc', body: response } as const;
    return { answer, retryAfterMillis: undefined };
  }
  const { message } = error;
  if (isRetryableGrpcStatus(error.code)) return { answer: { status: 'unanswered', message }, retryAfterMillis: 0 };
  return { answer: { status: 'refused', message }, retryAfterMillis: undefined };
}
