import type { ExitAnswer } from './exit-request.ts';
import type { DeliveryResult } from '../outbox/delivery.ts';
import { classifyResponse } from '../otlp/classify-response.ts';
import type { OtlpEncoding } from '../otlp/otlp-encoding.ts';

/** What the exit worker's answer means for a batch; a response is classified as in a normal export. */
export function classifyExitAnswer<T>(answer: ExitAnswer, encoding: OtlpEncoding<T>): DeliveryResult {
  switch (answer.status) {
    case 'answered':
      return classifyResponse(
        answer.code,
        { contentType: answer.contentType, retryAfter: undefined },
        answer.body,
        encoding,
      );
    case 'unanswered':
      return { status: 'failed', error: new Error(answer.message), retryAfterMillis: 0 };
    case 'refused':
      return { status: 'refused', error: new Error(answer.message) };
  }
}
