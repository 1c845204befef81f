import type { OtlpEncoding } from '../../otlp/otlp-encoding.ts';
import type { Way } from '../connections.ts';

/** Writes bytes to standard output and resolves when they have left. */
export type WriteOut = (bytes: Uint8Array) => Promise<void>;
/** The same at the end of the process. */
export type WriteOutSync = (bytes: Uint8Array) => void;

/** `otlp/stdout`: one line of OTLP/JSON a batch (OTLP file exporter), for collectors that read a container's output. */
export function stdoutWay<T>(json: OtlpEncoding<T>, writeOut: WriteOut, writeOutSync: WriteOutSync): Way<T> {
  const toLine = (items: readonly T[]): Uint8Array => Buffer.concat([json.serialize(items), Buffer.from('\n')]);
  return {
    async deliver(items) {
      await writeOut(toLine(items));
      return { status: 'delivered', rejected: 0, message: '' };
    },
    depart: (items) => ({
      kind: 'sync',
      deliver() {
        writeOutSync(toLine(items));
        return { status: 'delivered', rejected: 0, message: '' };
      },
    }),
  };
}
