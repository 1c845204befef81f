import type { Deliver } from '../outbox/delivery.ts';
import type { OtlpEncoding } from './otlp-encoding.ts';

/** Writes bytes to standard output and resolves when they have left. */
export type WriteOut = (bytes: Uint8Array) => Promise<void>;

/** `otlp/stdout`: one line of OTLP/JSON a batch (OTLP file exporter), for collectors that read a container's output. */
export function createStdoutDelivery<T>(json: OtlpEncoding<T>, writeOut: WriteOut): Deliver<T> {
  return async (items) => {
    await writeOut(Buffer.concat([json.serialize(items), Buffer.from('\n')]));
    return { status: 'delivered', rejected: 0, message: '' };
  };
}
