import type { CanonicalMessage } from './canonical.ts';
import { type Allowance, DecodeFailure, MAX_VALUES, MAX_VALUES_AT_ONCE } from './decode-failure.ts';
import { MAX_PIECE_BYTES, type Piece, WHOLE_BYTES } from './item-path.ts';
import { jsonPieces } from './json-pieces.ts';
import { decodeJson } from './otlp-json.ts';
import { decodeProtobuf, encodeProtobuf } from './otlp-protobuf.ts';
import type { MessageName } from './otlp-schema.ts';
import { protobufPieces } from './protobuf-pieces.ts';
import type { Refusal } from './refusal.ts';

export type Encoding = 'protobuf' | 'json';

export const contentTypes: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

const splitters = { protobuf: protobufPieces, json: jsonPieces };
const decoders = { protobuf: decodeProtobuf, json: decodeJson };

export type Decoded =
  | { readonly ok: true; readonly data: CanonicalMessage }
  | { readonly ok: false; readonly refusal: Refusal };

/** A request in either encoding to canonical OTLP/JSON. The values in it are taken from the allowance. */
export function decode(
  encoding: Encoding,
  message: MessageName,
  body: Buffer,
  allowance: Allowance = { valuesLeft: MAX_VALUES },
): Decoded {
  const ofThisOne = { valuesLeft: Math.min(allowance.valuesLeft, MAX_VALUES_AT_ONCE) };
  const before = ofThisOne.valuesLeft;
  try {
    const data = decoders[encoding](message, body, ofThisOne);
    allowance.valuesLeft -= before - ofThisOne.valuesLeft;
    return { ok: true, data };
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    return { ok: false, refusal: refusalOf(error) };
  }
}

export type PieceOrRefusal =
  | { readonly ok: true; readonly piece: Piece }
  | { readonly ok: false; readonly refusal: Refusal };

/** A request as those that are decoded one at a time: itself, or where it is large, parts of it. Ends at a refusal. */
export function* piecesOf(encoding: Encoding, message: MessageName, body: Buffer): Generator<PieceOrRefusal> {
  if (body.length <= WHOLE_BYTES) {
    yield { ok: true, piece: { body, offset: 0 } };
    return;
  }
  try {
    for (const piece of splitters[encoding](message, body)) {
      if (piece.body.length > MAX_PIECE_BYTES) {
        throw new DecodeFailure('too-large', `one item may hold ${MAX_PIECE_BYTES} bytes (got ${piece.body.length})`);
      }
      yield { ok: true, piece };
    }
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    yield { ok: false, refusal: refusalOf(error) };
  }
}

function refusalOf({ reason, message, path }: DecodeFailure): Refusal {
  if (reason === 'too-large') return { status: 413, message: `${message}; nothing of it was stored` };
  const invalid = reason === 'too-deep' ? 'depth_exceeded' : 'undecodable';
  if (path === '') return { status: 400, message: `${message}; nothing of this request was stored`, invalid };
  return {
    status: 400,
    message: `${path}: ${message}; nothing of this request was stored`,
    violation: { field: path, description: message },
    invalid,
  };
}

/** A response, from its canonical form. */
export function encode(encoding: Encoding, message: MessageName, value: CanonicalMessage): Uint8Array {
  return encoding === 'protobuf' ? encodeProtobuf(message, value) : Buffer.from(JSON.stringify(value));
}
