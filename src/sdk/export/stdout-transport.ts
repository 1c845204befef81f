import { type DeliveryResult, withInvalid } from '../../outbox/delivery.ts';
import { encodeBatch, type EncodedBatch } from '../../otlp/encode-batch.ts';
import type { OtlpEncoding } from '../../otlp/otlp-encoding.ts';
import { errorCode, toError } from '../../values/thrown.ts';
import type { LineOutput } from './line-output.ts';
import type { Transport } from './transport.ts';

const DELIVERED: DeliveryResult = { status: 'delivered', rejected: 0, message: '' };
/** A file system that is full may have room later. Where nobody reads any more (EPIPE) nobody will. */
const TEMPORARY: ReadonlySet<string | undefined> = new Set(['EAGAIN', 'EDQUOT', 'EINTR', 'ENOBUFS', 'ENOSPC']);

/** `otlp/stdout`: one line of OTLP/JSON per batch (OTLP file exporter), for collectors that read a container's output. */
export function stdoutTransport<T>(json: OtlpEncoding<T>, output: LineOutput): Transport<T> {
  /** Being written: should the process end now, the rest of such a line is written, and not the batch once more. */
  const underWay = new WeakMap<readonly T[], EncodedBatch>();
  return {
    async deliver(items) {
      const encoded = encodeLine(json, items);
      if (encoded.status === 'invalid') return encoded;
      underWay.set(items, encoded);
      try {
        await output.write(encoded.bytes);
        return withInvalid(DELIVERED, encoded.invalid);
      } catch (error) {
        return withInvalid(failure(error), encoded.invalid);
      } finally {
        underWay.delete(items);
      }
    },
    finalDelivery: (items) => ({
      kind: 'sync',
      deliver(deadline) {
        const encoded = underWay.get(items) ?? encodeLine(json, items);
        if (encoded.status === 'invalid') return encoded;
        try {
          output.writeSync(encoded.bytes, deadline);
          return withInvalid(DELIVERED, encoded.invalid);
        } catch (error) {
          return withInvalid(failure(error), encoded.invalid);
        }
      },
    }),
  };
}

function encodeLine<T>(json: OtlpEncoding<T>, items: readonly T[]): EncodedBatch {
  const encoded = encodeBatch(json, items);
  return encoded.status === 'invalid'
    ? encoded
    : { ...encoded, bytes: Buffer.concat([encoded.bytes, Buffer.from('\n')]) };
}

function failure(thrown: unknown): DeliveryResult {
  const error = toError(thrown);
  return TEMPORARY.has(errorCode(error))
    ? { status: 'failed', error, retryAfterMillis: 0 }
    : { status: 'refused', error };
}
