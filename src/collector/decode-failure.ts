/** Attribute values may nest this deep (an array in an array …); the specification's own default limit is 64. */
export const MAX_VALUE_DEPTH = 100;

/**
 * Messages and list elements that one request may hold. Two bytes of protobuf make an empty span, an object of 56 bytes in
 * memory: without this bound a body of 64 MiB, or 64 KiB of it gzipped, would need more heap than Node has. A full body of
 * ordinary spans stays below four million.
 */
export const MAX_VALUES = 5_000_000;

/** A body that can never be decoded, thrown inside the decoders and caught at their edge, in otlp-codec.ts. */
export class DecodeFailure extends Error {
  override readonly name = 'DecodeFailure';
  readonly reason: 'malformed' | 'too-large';
  /** Where in the request, for example `resourceSpans[0].scopeSpans[0].spans[2].traceId`; empty when it has no such place. */
  readonly path: string;

  constructor(reason: 'malformed' | 'too-large', message: string, path = '', options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.path = path;
  }
}

export function tooManyValues(): DecodeFailure {
  return new DecodeFailure('too-large', `more than ${MAX_VALUES} messages and list elements in one request`);
}

export function tooDeep(path = ''): DecodeFailure {
  return new DecodeFailure('malformed', `attribute values nested deeper than ${MAX_VALUE_DEPTH}`, path);
}
