import type { OtlpConfig } from '../config/config.ts';
import { type Deliver, withInvalid } from '../outbox/delivery.ts';
import { encodeBatch } from './encode-batch.ts';
import type { HttpClient } from './http-client.ts';
import type { OtlpEncoding } from './otlp-encoding.ts';
import { classifyResponse } from './classify-response.ts';
import { toError } from '../values/thrown.ts';

/** OTLP 1.11: a client MUST NOT send a request of more than 64 MiB before compression. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;

export interface HttpDeliveryOptions<T> {
  readonly encoding: OtlpEncoding<T>;
  readonly client: HttpClient;
  readonly compression: OtlpConfig['compression'];
  /** All of a request's headers (see `requestHeaders`). A function is asked at each delivery: tokens change. */
  readonly headers: Headers | (() => Promise<Headers>);
}

export type Headers = Readonly<Record<string, string>>;

export function requestHeaders(
  { headers, compression }: Pick<OtlpConfig, 'headers' | 'compression'>,
  contentType: string,
  userAgent: string,
): Headers {
  return {
    'user-agent': userAgent,
    ...headers,
    'content-type': contentType,
    ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
  };
}

/** One attempt over OTLP/HTTP; the outbox decides whether and when to try again. */
export function createHttpDelivery<T>(options: HttpDeliveryOptions<T>): Deliver<T> {
  const { encoding, client, compression, headers } = options;
  return async (items, signal) => {
    let known: Headers;
    try {
      known = typeof headers === 'function' ? await headers() : headers;
    } catch (error) {
      return { status: 'failed', error: toError(error, 'its headers are not known'), retryAfterMillis: 0 };
    }
    const encoded = encodeBatch(encoding, items);
    if (encoded.status === 'invalid') return encoded;
    const { bytes, invalid } = encoded;
    if (bytes.byteLength > MAX_REQUEST_BYTES) {
      return {
        status: 'too_large',
        error: new Error(
          `${items.length} ${encoding.noun} are ${bytes.byteLength} bytes, OTLP allows ${MAX_REQUEST_BYTES}`,
        ),
      };
    }
    const answer = await client.post(compression === 'gzip' ? await gzip(bytes) : bytes, known, signal);
    if (answer.status === 'answered') {
      const { code, headers: answered, body } = answer;
      const result = classifyResponse(
        code,
        { contentType: answered['content-type'], retryAfter: answered['retry-after'], location: answered.location },
        body,
        encoding,
      );
      return withInvalid(result, invalid);
    }
    return { status: 'failed', error: abortReason(signal) ?? answer.error, retryAfterMillis: 0 };
  };
}

/** Why the attempt was aborted, if the reason is an error. */
export function abortReason(signal: AbortSignal): Error | undefined {
  return signal.aborted && signal.reason instanceof Error ? signal.reason : undefined;
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  // Loaded when first needed: most configurations do not compress.
  const zlib = await import('node:zlib');
  return new Promise((resolve, reject) => {
    zlib.gzip(bytes, (error, compressed) => (error === null ? resolve(compressed) : reject(error)));
  });
}
