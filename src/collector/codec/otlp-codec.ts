import type { CanonicalMessage } from './canonical.ts';
import { type Allowance, allowanceForOne, MAX_MESSAGES_AT_ONCE, MAX_VALUES, MAX_VALUES_AT_ONCE } from './allowance.ts';
import { DecodeFailure } from './decode-failure.ts';
import { jsonPieces } from './json-pieces.ts';
import { decodeJson } from './otlp-json.ts';
import { decodeProtobuf, encodeProtobuf } from './otlp-protobuf.ts';
import type { MessageName } from './otlp-schema.ts';
import { type Part, PIECE_BYTES } from './piece.ts';
import { protobufPieces } from './protobuf-pieces.ts';

export type Encoding = 'protobuf' | 'json';

export const contentTypes: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

const splitters = { protobuf: protobufPieces, json: jsonPieces };
const decoders = { protobuf: decodeProtobuf, json: decodeJson };

export type Decoded =
  | { readonly ok: true; readonly data: CanonicalMessage }
  /** `isTooLarge`: more values than may be decoded at a time; another part of the request may be better. */
  | { readonly ok: false; readonly failure: DecodeFailure; readonly isTooLarge: boolean };

/** How many more values a request may have. */
export interface RequestAllowance {
  valuesLeft: number;
}

export function allowanceForRequest(): RequestAllowance {
  return { valuesLeft: MAX_VALUES };
}

/** A request, or a piece of one, in either encoding to canonical OTLP/JSON. The values in it are taken from the allowance. */
export function decode(
  encoding: Encoding,
  message: MessageName,
  body: Buffer,
  ofRequest: RequestAllowance = allowanceForRequest(),
): Decoded {
  const atOnce = Math.min(ofRequest.valuesLeft, MAX_VALUES_AT_ONCE);
  const allowance: Allowance = { ...allowanceForOne(), valuesLeft: atOnce };
  let taken = 0;
  try {
    const data = decoders[encoding](message, body, allowance);
    taken = atOnce - allowance.valuesLeft;
    return { ok: true, data };
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    const isOfRequest = allowance.valuesLeft < 0 && atOnce < MAX_VALUES_AT_ONCE;
    // What is left out has cost something, too.
    taken = MAX_MESSAGES_AT_ONCE;
    return { ok: false, failure: error, isTooLarge: error.reason === 'too-large' && !isOfRequest };
  } finally {
    ofRequest.valuesLeft = Math.max(0, ofRequest.valuesLeft - taken);
  }
}

/** Bytes of a request that is decoded as a whole. Its line, too, should stay below 1 MiB: protobuf grows, JSON hardly does. */
const WHOLE_BYTES: Readonly<Record<Encoding, number>> = { protobuf: PIECE_BYTES, json: 3 * PIECE_BYTES };

export type PartOrFailure = Part | { readonly kind: 'failure'; readonly failure: DecodeFailure };

/** A request as those that are decoded one at a time: itself, or where it is large, parts of it. Ends at a failure. */
export function* partsOf(encoding: Encoding, message: MessageName, body: Buffer): Generator<PartOrFailure> {
  if (body.length <= WHOLE_BYTES[encoding]) {
    yield { kind: 'piece', body, offset: 0, isOneItem: false };
    return;
  }
  try {
    yield* splitters[encoding](message, body);
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    yield { kind: 'failure', failure: error };
  }
}

/** A response, from its canonical form. */
export function encode(encoding: Encoding, message: MessageName, value: CanonicalMessage): Uint8Array {
  return encoding === 'protobuf' ? encodeProtobuf(message, value) : Buffer.from(JSON.stringify(value));
}
