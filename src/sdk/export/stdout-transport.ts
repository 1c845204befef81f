import { type DeliveryResult, withInvalid } from '../../outbox/delivery.ts';
import { encodeBatch } from '../../otlp/encode-batch.ts';
import type { OtlpEncoding } from '../../otlp/otlp-encoding.ts';
import type { Transport } from './transport.ts';

export interface StandardOutput {
  /** Writes bytes to standard output and resolves when they are written. */
  readonly writeOut: (bytes: Uint8Array) => Promise<void>;
  /** The same, synchronously, when the process ends. */
  readonly writeOutSync: (bytes: Uint8Array) => void;
}

const DELIVERED: DeliveryResult = { status: 'delivered', rejected: 0, message: '' };

/** `otlp/stdout`: one line of OTLP/JSON per batch (OTLP file exporter), for collectors that read a container's output. */
export function stdoutTransport<T>(json: OtlpEncoding<T>, { writeOut, writeOutSync }: StandardOutput): Transport<T> {
  return {
    async deliver(items) {
      const encoded = encodeBatch(json, items);
      if (encoded.status === 'invalid') return encoded;
      await writeOut(toLine(encoded.bytes));
      return withInvalid(DELIVERED, encoded.invalid);
    },
    finalDelivery: (items) => ({
      kind: 'sync',
      deliver() {
        const encoded = encodeBatch(json, items);
        if (encoded.status === 'invalid') return encoded;
        writeOutSync(toLine(encoded.bytes));
        return withInvalid(DELIVERED, encoded.invalid);
      },
    }),
  };
}

function toLine(json: Uint8Array): Uint8Array {
  return Buffer.concat([json, Buffer.from('\n')]);
}
