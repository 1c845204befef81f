import type { ForeignSerializer } from '../../otlp/otlp-encoding.ts';
import { read } from '../../values/read.ts';
import { readMethod } from './private-fields.ts';

/** The serializer of an exporter: only it is sure to match the spans of its SDK version. Undefined if it does not look like one. */
export function readSerializer(serializer: unknown): ForeignSerializer | undefined {
  const serialize = readMethod(serializer, 'serializeRequest');
  const deserialize = readMethod(serializer, 'deserializeResponse');
  if (serialize === undefined || deserialize === undefined) return undefined;
  return {
    serializeRequest(request) {
      const bytes = serialize(request);
      return bytes instanceof Uint8Array ? bytes : undefined;
    },
    deserializeResponse(body) {
      const partial = read(deserialize(body), 'partialSuccess');
      const count = (key: string): number => Number(read(partial, key) ?? 0);
      const message = read(partial, 'errorMessage');
      return {
        partialSuccess: {
          rejectedSpans: count('rejectedSpans'),
          rejectedLogRecords: count('rejectedLogRecords'),
          rejectedDataPoints: count('rejectedDataPoints'),
          errorMessage: typeof message === 'string' ? message : '',
        },
      };
    },
  };
}
