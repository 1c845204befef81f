/** Attribute values may nest this deep (an array in an array …); the specification's own default limit is 64. */
export const MAX_VALUE_DEPTH = 100;

/**
 * Messages and list elements that are held decoded at a time. Two bytes of protobuf make an empty span, an object of 56 bytes
 * in memory: without this bound a small body would need more heap than Node has. A piece of ordinary spans has some ten thousand,
 * a metric of 10 000 series some 70 000.
 */
export const MAX_VALUES_AT_ONCE = 100_000;

/**
 * The same for a whole request, however large its pieces: 64 KiB of gzip hold 30 million empty log records, and each would be
 * stored with the time it came. A full body of ordinary spans stays below four million.
 */
export const MAX_VALUES = 5_000_000;

/** How many more messages and list elements may be decoded; decoding takes from it. */
export interface Allowance {
  valuesLeft: number;
}

export function allowanceForOne(): Allowance {
  return { valuesLeft: MAX_VALUES_AT_ONCE };
}

export type DecodeFailureReason = 'malformed' | 'too-deep' | 'too-large';

/** A body that can never be decoded, thrown inside the decoders and caught at their edge, in otlp-codec.ts. */
export class DecodeFailure extends Error {
  override readonly name = 'DecodeFailure';
  readonly reason: DecodeFailureReason;
  /** Where in the request, for example `resourceSpans[0].scopeSpans[0].spans[2].traceId`; empty when it has no such place. */
  readonly path: string;

  constructor(reason: DecodeFailureReason, message: string, path = '', options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.path = path;
  }
}

export function tooManyValues(): DecodeFailure {
  return new DecodeFailure(
    'too-large',
    `more than ${MAX_VALUES} messages and list elements in one request, or ${MAX_VALUES_AT_ONCE} in one item`,
  );
}

export function tooDeep(path = ''): DecodeFailure {
  return new DecodeFailure('too-deep', `attribute values nested deeper than ${MAX_VALUE_DEPTH}`, path);
}
