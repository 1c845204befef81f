import type { CanonicalMessage } from './canonical.ts';
import { DecodeFailure } from './decode-failure.ts';
import { decodeJson } from './otlp-json.ts';
import { decodeProtobuf, encodeProtobuf } from './otlp-protobuf.ts';
import type { MessageName } from './otlp-schema.ts';
import type { Refusal } from './refusal.ts';

export type Encoding = 'protobuf' | 'json';

export const contentTypes: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

const decoders = { protobuf: decodeProtobuf, json: decodeJson };

export type Decoded =
  | { readonly ok: true; readonly data: CanonicalMessage }
  | { readonly ok: false; readonly refusal: Refusal };

/** A request in either encoding to canonical OTLP/JSON. */
export function decode(encoding: Encoding, message: MessageName, body: Buffer): Decoded {
  try {
    return { ok: true, data: decoders[encoding](message, body) };
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    return { ok: false, refusal: refusalOf(error) };
  }
}

function refusalOf({ reason, message, path }: DecodeFailure): Refusal {
  if (reason === 'too-large') return { status: 413, message: `${message}; nothing of it was stored` };
  if (path === '') return { status: 400, message: `${message}; nothing of this request was stored` };
  return {
    status: 400,
    message: `${path}: ${message}; nothing of this request was stored`,
    violation: { field: path, description: message },
  };
}

/** A response, from its canonical form. */
export function encode(encoding: Encoding, message: MessageName, value: CanonicalMessage): Uint8Array {
  return encoding === 'protobuf' ? encodeProtobuf(message, value) : Buffer.from(JSON.stringify(value));
}
