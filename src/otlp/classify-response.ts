import { redactUrl } from '../config/show-value.ts';
import type { DeliveryResult } from '../outbox/delivery.ts';
import type { OtlpEncoding } from './otlp-encoding.ts';
import { jsonMessage, protobufMessage } from './rpc-status.ts';
import { isRetryable, retryAfterMillis } from './retryable.ts';

/** Characters of the response body that are quoted in an error message. */
const MAX_QUOTED_CHARACTERS = 200;

interface AnswerHeaders {
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
  readonly location?: string | undefined;
}

/** What an HTTP response means for the batch that was sent. */
export function classifyResponse<T>(
  code: number,
  headers: AnswerHeaders,
  body: Uint8Array,
  encoding: OtlpEncoding<T>,
): DeliveryResult {
  if (code >= 200 && code < 300) return { status: 'delivered', ...partialSuccess(body, encoding) };
  const elsewhere = headers.location === undefined ? '' : ` to ${redactUrl(headers.location)}`;
  const error = new Error(`HTTP ${code}${elsewhere}${quote(headers.contentType, body)}`);
  if (isRetryable(code)) return { status: 'failed', error, retryAfterMillis: retryAfterMillis(headers.retryAfter) };
  return code === 413 ? { status: 'too_large', error } : { status: 'refused', error };
}

/** What a successful response reports besides success: rejected items, or a warning. */
export function partialSuccess<T>(body: Uint8Array, encoding: OtlpEncoding<T>): { rejected: number; message: string } {
  try {
    const { rejected, message } = encoding.partialSuccess(body);
    return { rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0, message };
  } catch {
    // A proxy may answer 200 with a body that is not OTLP. The status code alone is the acknowledgement.
    return { rejected: 0, message: '' };
  }
}

/** What the backend says of its refusal: the message of the google.rpc.Status that OTLP prescribes, else a body that is text. */
function quote(contentType: string | undefined, body: Uint8Array): string {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  const text = type === 'application/x-protobuf' ? protobufMessage(body) : textOf(type, Buffer.from(body).toString());
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  if (line === '') return '';
  return line.length > MAX_QUOTED_CHARACTERS ? ` (${line.slice(0, MAX_QUOTED_CHARACTERS)}…)` : ` (${line})`;
}

function textOf(type: string | undefined, text: string): string {
  if (type === 'application/json') return jsonMessage(text) ?? text;
  return type === 'text/plain' ? text : '';
}
