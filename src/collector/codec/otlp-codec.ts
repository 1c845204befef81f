import type { CanonicalMessage } from './canonical.ts';
import { type Allowance, allowanceForOne, MAX_MESSAGES_AT_ONCE, MAX_VALUES, MAX_VALUES_AT_ONCE } from './allowance.ts';
import { DecodeFailure } from './decode-failure.ts';
import { jsonPieces } from './json-pieces.ts';
import { decodeJson } from './otlp-json.ts';
import { decodeProtobuf, encodeProtobuf } from './otlp-protobuf.ts';
import type { MessageName } from './otlp-schema.ts';
import { type Part, PIECE_BYTES } from './piece.ts';
import { protobufPieces } from './protobuf-pieces.ts';

export const encodings = ['json', 'protobuf'] as const;

export type Encoding = (typeof encodings)[number];

export const contentTypes: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

const splitters = { protobuf: protobufPieces, json: jsonPieces };
const decoders = { protobuf: decodeProtobuf, json: decodeJson };

export type Decoded =
  | { readonly ok: true; readonly data: CanonicalMessage }
  /** `isTooLarge`: the piece has more values than may be decoded at a time; other pieces of the request may be decodable. */
  | { readonly ok: false; readonly failure: DecodeFailure; readonly isTooLarge: boolean };

/** How many more values may be decoded of a request. */
export interface RequestAllowance {
  valuesLeft: number;
}

export function allowanceForRequest(): RequestAllowance {
  return { valuesLeft: MAX_VALUES };
}

/** Decodes a request, or a piece of one, to canonical OTLP/JSON. Its values are subtracted from the allowance of the request. */
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
    // Decoding until the failure has taken time, so a flat amount is subtracted.
    taken = MAX_MESSAGES_AT_ONCE;
    return { ok: false, failure: error, isTooLarge: error.reason === 'too-large' && !isOfRequest };
  } finally {
    ofRequest.valuesLeft = Math.max(0, ofRequest.valuesLeft - taken);
  }
}

/** A request of at most so many bytes is decoded as a whole. Its line should stay below 1 MiB too: protobuf grows, JSON hardly does. */
const WHOLE_BYTES: Readonly<Record<Encoding, number>> = { protobuf: PIECE_BYTES, json: 3 * PIECE_BYTES };

export type PartOrFailure = Part | { readonly kind: 'failure'; readonly failure: DecodeFailure };

/** The parts of a request to decode one at a time: the request itself or, if it is large, its pieces. Ends at a failure. */
export function* splitRequest(encoding: Encoding, message: MessageName, body: Buffer): Generator<PartOrFailure> {
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

/** Encodes a response from its canonical form. */
export function encode(encoding: Encoding, message: MessageName, value: CanonicalMessage): Uint8Array {
  return encoding === 'protobuf' ? encodeProtobuf(message, value) : Buffer.from(JSON.stringify(value));
}
