import { isObject } from '../values/is-object.ts';

/*
 * The message of a google.rpc.Status, the body of a response that is not a success (OTLP/HTTP, "Failures"). Parsed here because the exit
 * worker, which also reads it, loads no protobuf library.
 */

const MESSAGE_FIELD = 2;
const VARINT = 0;
const LENGTH_DELIMITED = 2;
/** Bytes of a value, by its wire type. */
const FIXED: Partial<Readonly<Record<number, number>>> = { 1: 8, 5: 4 };

/** @returns undefined if the text is not a Status in JSON: other objects may have a message, but no `code` */
export function jsonMessage(text: string): string | undefined {
  try {
    const status: unknown = JSON.parse(text);
    const isStatus = isObject(status) && 'code' in status && 'message' in status;
    return isStatus && typeof status.message === 'string' ? status.message : undefined;
  } catch {
    return undefined;
  }
}

/** @returns an empty text if there is no message, or the bytes are not a Status */
export function protobufMessage(bytes: Uint8Array): string {
  let position = 0;
  let message: Uint8Array = new Uint8Array();
  /** The next varint; NaN if the bytes end within it. */
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[position++];
      if (byte === undefined) return Number.NaN;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (position < bytes.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType === VARINT) {
      if (Number.isNaN(varint())) return '';
      continue;
    }
    const length = wireType === LENGTH_DELIMITED ? varint() : FIXED[wireType];
    if (length === undefined || !(position + length <= bytes.length)) return '';
    if (wireType === LENGTH_DELIMITED && (tag - wireType) / 8 === MESSAGE_FIELD) {
      message = bytes.subarray(position, position + length);
    }
    position += length;
  }
  return Buffer.from(message).toString();
}
