import type { DeliveryResult } from '../../outbox/delivery.ts';
import type { OtlpEncoding } from '../../otlp/otlp-encoding.ts';
import type { Transport } from './transport.ts';

export interface StandardOutput {
  /** Writes bytes to standard output and resolves when they have left. */
  readonly writeOut: (bytes: Uint8Array) => Promise<void>;
  /** The same at the end of the process. */
  readonly writeOutSync: (bytes: Uint8Array) => void;
}

const DELIVERED: DeliveryResult = { status: 'delivered', rejected: 0, message: '' };

/** `otlp/stdout`: one line of OTLP/JSON a batch (OTLP file exporter), for collectors that read a container's output. */
export function stdoutTransport<T>(json: OtlpEncoding<T>, { writeOut, writeOutSync }: StandardOutput): Transport<T> {
  const toLine = (items: readonly T[]): Uint8Array => Buffer.concat([json.serialize(items), Buffer.from('\n')]);
  return {
    async deliver(items) {
      await writeOut(toLine(items));
      return DELIVERED;
    },
    finalDelivery: (items) => ({
      kind: 'sync',
      deliver() {
        writeOutSync(toLine(items));
        return DELIVERED;
      },
    }),
  };
}
