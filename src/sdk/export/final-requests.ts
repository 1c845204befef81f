import { classifyExitAnswer } from '../../exit/classify-exit-answer.ts';
import type { ExitRequest } from '../../exit/exit-request.ts';
import type { FinalDelivery } from '../../exit/final-export.ts';
import { encodeBatch } from '../../otlp/encode-batch.ts';
import type { OtlpEncoding } from '../../otlp/otlp-encoding.ts';
import { withInvalid } from '../../outbox/delivery.ts';

/** The request of each batch that waits when the process ends, for the exit worker. A batch without a valid item is counted at once. */
export function finalRequests<T>(
  encoding: OtlpEncoding<T>,
  toRequest: (body: Uint8Array) => ExitRequest,
): (items: readonly T[]) => FinalDelivery {
  return (items) => {
    const encoded = encodeBatch(encoding, items);
    if (encoded.status === 'invalid') return { kind: 'sync', deliver: () => encoded };
    return {
      kind: 'request',
      request: toRequest(encoded.bytes),
      classify: (answer) => withInvalid(classifyExitAnswer(answer, encoding), encoded.invalid),
    };
  };
}
