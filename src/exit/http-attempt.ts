import { gzipSync } from 'node:zlib';
import { HttpClient } from '../otlp/http-client.ts';
import { isRetryable } from '../otlp/retryable.ts';
import { retryAfterMillis } from '../otlp/retry-after.ts';
import { type Attempt, type HttpExitRequest, NO_ANSWER } from './exit-request.ts';

/** Attempts of one request over HTTP, on one connection. */
export function httpAttempts(request: HttpExitRequest, signal: AbortSignal): () => Promise<Attempt> {
  const { headers, ca, key, cert } = request;
  const client = new HttpClient({ url: new URL(request.url), tls: { ca, key, cert }, maxConnections: 1 });
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
