import protobuf from 'protobufjs/minimal.js';
import { DecodeFailure } from './decode-failure.ts';
import type { MessageName } from './otlp-schema.ts';
import { checkEnvelope, type ListLevel, listLevels, MAX_ITEM_BYTES, type Part, pieceBytes } from './piece.ts';

const LENGTH_DELIMITED = 2;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A field of a message; `start` is that of its tag. */
interface Field extends Range {
  readonly contentStart: number;
  /** Whether it is an element of the list in question. */
  readonly isElement: boolean;
}

/** Encodes what surrounds the elements of a piece. */
interface Wrapping {
  readonly bytes: number;
  around(content: Buffer): Buffer;
}

/**
 * Splits a large request into small ones, each with the same resource and scope around its items, so that only one of them at a time is
 * decoded. Items are copied as bytes; only their lengths are read.
 * @throws DecodeFailure
 */
export function* protobufPieces(name: MessageName, body: Buffer): Generator<Part> {
  try {
    yield* split(body, { start: 0, end: body.length }, listLevels(name), {
      bytes: 0,
      around: (content) => content,
    });
  } catch (error) {
    if (error instanceof DecodeFailure || !(error instanceof Error) || error instanceof TypeError) throw error;
    throw new DecodeFailure('malformed', `not valid protobuf (${error.message})`, '', { cause: error });
  }
}

function* split(body: Buffer, message: Range, levels: readonly ListLevel[], outer: Wrapping): Generator<Part> {
  const [level, ...deeper] = levels;
  if (level === undefined) return;
  const envelope = envelopeOf(body, message, level.number);
  const envelopeBytes = outer.bytes + envelope.length;
  const most = pieceBytes(envelopeBytes);
  const pieceOf = (group: readonly Range[], offset: number, isOneItem = false): Part => ({
    kind: 'piece',
    body: outer.around(Buffer.concat([envelope, ...group.map(({ start, end }) => body.subarray(start, end))])),
    offset,
    isOneItem,
  });

  let group: Range[] = [];
  let groupBytes = 0;
  let isEmpty = true;
  for (const { start, contentStart, end, isElement } of fieldsOf(body, message, level.number)) {
    if (!isElement) continue;
    isEmpty = false;
    const bytes = end - start;
    if (groupBytes + bytes > most && group[0] !== undefined) {
      yield pieceOf(group, group[0].start);
      group = [];
      groupBytes = 0;
    }
    if (bytes > most && deeper.length > 0) {
      yield* split(body, { start: contentStart, end }, deeper, {
        bytes: envelopeBytes,
        around: (inner) => outer.around(Buffer.concat([envelope, header(level.number, inner.length), inner])),
      });
    } else if (bytes > MAX_ITEM_BYTES) {
      yield { kind: 'oversized' };
    } else if (bytes > most) {
      yield pieceOf([{ start, end }], start, true);
    } else {
      // Adjacent elements are merged into one range: a hundred thousand of two bytes each would need a long list.
      const last = group.at(-1);
      if (last?.end === start) group[group.length - 1] = { start: last.start, end };
      else group.push({ start, end });
      groupBytes += bytes;
    }
  }
  if (group[0] !== undefined) yield pieceOf(group, group[0].start);
  // A message without elements is a piece too, so that it is validated.
  else if (isEmpty) yield pieceOf([], message.start);
}

/** All fields but the elements, which every piece repeats. Two passes: the first one adds up the size and checks it. */
function envelopeOf(body: Buffer, message: Range, number: number): Buffer {
  let length = 0;
  for (const { start, end, isElement } of fieldsOf(body, message, number)) if (!isElement) length += end - start;
  checkEnvelope(length);
  const envelope = Buffer.allocUnsafe(length);
  let written = 0;
  if (length === 0) return envelope;
  for (const { start, end, isElement } of fieldsOf(body, message, number)) {
    if (!isElement) written += body.copy(envelope, written, start, end);
  }
  return envelope;
}

/** A generator, because for a body of empty messages a list of all fields would be many times the size of the body. */
function* fieldsOf(body: Buffer, { start, end }: Range, number: number): Generator<Field> {
  const reader = protobuf.Reader.create(body.subarray(0, end));
  reader.pos = start;
  while (reader.pos < end) {
    const at = reader.pos;
    const tag = reader.tag();
    const isElement = tag >>> 3 === number && (tag & 7) === LENGTH_DELIMITED;
    let contentStart = at;
    if (isElement) {
      const bytes = reader.size();
      contentStart = reader.pos;
      if (contentStart + bytes > end)
        throw new RangeError(`a message of ${bytes} bytes where ${end - contentStart} are left`);
      reader.pos = contentStart + bytes;
    } else {
      reader.skipType(tag & 7, 0, tag >>> 3);
    }
    yield { start: at, contentStart, end: reader.pos, isElement };
  }
}

function header(number: number, length: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32((number << 3) | LENGTH_DELIMITED)
    .uint32(length)
    .finish();
}
