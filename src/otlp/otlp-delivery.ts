import type { OtlpConfig } from '../config/config.ts';
import type { Deliver, DeliveryResult } from '../outbox/delivery.ts';
import type { HttpClient } from './http-client.ts';
import type { OtlpEncoding } from './otlp-encoding.ts';
import { retryAfterMillis } from './retry-after.ts';
import { isRetryable } from './retryable.ts';

/** OTLP 1.11: a client MUST NOT send a request of more than 64 MiB before compression. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
/** How much of a backend's own words goes into a message. */
const MAX_QUOTED_CHARACTERS = 200;

export interface OtlpDeliveryOptions<T> {
  readonly encoding: OtlpEncoding<T>;
  readonly client: HttpClient;
  readonly compression: OtlpConfig['compression'];
  /** All of a request's headers; see `requestHeaders`. */
  readonly headers: Readonly<Record<string, string>>;
}

export function requestHeaders(
  { headers, compression }: Pick<OtlpConfig, 'headers' | 'compression'>,
  contentType: string,
  userAgent: string,
): Readonly<Record<string, string>> {
  return {
    'user-agent': userAgent,
    ...headers,
    'content-type': contentType,
    ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
  };
}

/** One attempt over OTLP/HTTP; the outbox decides about the next one. */
export function createOtlpDelivery<T>(options: OtlpDeliveryOptions<T>): Deliver<T> {
  const { encoding, client, compression, headers } = options;
  return async (items, signal) => {
    const bytes = encoding.serialize(items);
    if (bytes.byteLength > MAX_REQUEST_BYTES) {
      return {
        status: 'too_large',
        error: new Error(
          `${items.length} ${encoding.noun} are ${bytes.byteLength} bytes, OTLP allows ${MAX_REQUEST_BYTES}`,
        ),
      };
    }
    const answer = await client.post(compression === 'gzip' ? await gzip(bytes) : bytes, headers, signal);
    if (answer.status === 'answered') {
      const { code, headers: answered, body } = answer;
      return judge(
        code,
        { contentType: answered['content-type'], retryAfter: answered['retry-after'] },
        body,
        encoding,
      );
    }
    return { status: 'failed', error: abortReason(signal) ?? answer.error, retryAfterMillis: 0 };
  };
}

/** What an answer means for the batch. */
export function judge<T>(
  code: number,
  headers: { readonly contentType: string | undefined; readonly retryAfter: string | undefined },
  body: Uint8Array,
  encoding: OtlpEncoding<T>,
): DeliveryResult {
  if (code >= 200 && code < 300) return { status: 'delivered', ...partialSuccess(body, encoding) };
  const error = new Error(`HTTP ${code}${quote(headers.contentType, body)}`);
  if (isRetryable(code)) return { status: 'failed', error, retryAfterMillis: retryAfterMillis(headers.retryAfter) };
  return code === 413 ? { status: 'too_large', error } : { status: 'refused', error };
}

/** What a backend says besides yes. */
export function partialSuccess<T>(body: Uint8Array, encoding: OtlpEncoding<T>): { rejected: number; message: string } {
  try {
    const { rejected, message } = encoding.partialSuccess(body);
    return { rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0, message };
  } catch {
    // A proxy in between may answer 200 with words of its own. The status code is the acknowledgement.
    return { rejected: 0, message: '' };
  }
}

function quote(contentType: string | undefined, body: Uint8Array): string {
  const isText = contentType !== undefined && /^(?:text\/plain|application\/json)\b/i.test(contentType);
  const words = isText
    ? Buffer.from(body.subarray(0, MAX_QUOTED_CHARACTERS)).toString().replaceAll(/\s+/g, ' ').trim()
    : '';
  return words === '' ? '' : ` (${words})`;
}

/** Why the attempt was ended, where it says so. */
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
