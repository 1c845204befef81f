/** Attribute values may nest this deep (an array in an array …); the specification's own default limit is 64. */
export const MAX_VALUE_DEPTH = 100;

export type DecodeFailureReason = 'malformed' | 'too-deep' | 'too-large';

/** A body that can never be decoded. The decoders throw it; otlp-codec.ts catches it. */
export class DecodeFailure extends Error {
  override readonly name = 'DecodeFailure';
  readonly reason: DecodeFailureReason;
  /** The field of the request, for example `resourceSpans[0].scopeSpans[0].spans[2].traceId`; empty if it is about no field. */
  readonly path: string;

  constructor(reason: DecodeFailureReason, message: string, path = '', options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.path = path;
  }
}

export function tooDeep(path = ''): DecodeFailure {
  return new DecodeFailure('too-deep', `attribute values nested deeper than ${MAX_VALUE_DEPTH}`, path);
}
