import { encode, type Encoding } from './codec/otlp-codec.ts';
import type { Signal } from './signals.ts';
import type { Tally } from './validation/tally.ts';

/** An Export…ServiceResponse without partial success: protobuf has no bytes for it. */
const FULL_SUCCESS: Readonly<Record<Encoding, Uint8Array>> = { protobuf: Buffer.alloc(0), json: Buffer.from('{}') };

/**
 * The body of a 200. A request of which every item is bad gets one too, with all of them rejected: each item is judged by
 * itself, whatever stands beside it, and the client learns how many. It does not send them again, as it would not after a 400.
 */
export function encodeSuccess(encoding: Encoding, signal: Signal, tally: Tally): Uint8Array {
  if (tally.rejected === 0) return FULL_SUCCESS[encoding];
  return encode(encoding, signal.response, {
    partialSuccess: { [signal.rejectedField]: String(tally.rejected), errorMessage: tally.describe(signal.noun) },
  });
}
