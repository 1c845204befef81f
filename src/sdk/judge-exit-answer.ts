import type { ExitAnswer } from '../exit/exit-request.ts';
import type { DeliveryResult } from '../outbox/delivery.ts';
import { judge } from '../otlp/otlp-delivery.ts';
import type { OtlpEncoding } from '../otlp/otlp-encoding.ts';

/** What the exit worker's answer means for a batch: the same as while the process lived. */
export function judgeExitAnswer<T>(answer: ExitAnswer, encoding: OtlpEncoding<T>): DeliveryResult {
  switch (answer.status) {
    case 'answered':
      return judge(answer.code, { contentType: answer.contentType, retryAfter: undefined }, answer.body, encoding);
    case 'unanswered':
      return { status: 'failed', error: new Error(answer.message), retryAfterMillis: 0 };
    case 'refused':
      return { status: 'refused', error: new Error(answer.message) };
  }
}
