import protobuf from 'protobufjs/minimal.js';
import { DecodeFailure } from './decode-failure.ts';
import { listLevels, type ListLevel, type Piece, PIECE_BYTES } from './item-path.ts';
import type { MessageName } from './otlp-schema.ts';

const LENGTH_DELIMITED = 2;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** An element of a list: with its tag and length, and without. */
interface Element extends Range {
  readonly contentStart: number;
}

/**
 * A large request as small ones, each with the same wrapping, so that a tree of a piece is held and not one of all. Elements
 * are copied as bytes; only lengths are read.
 * @throws DecodeFailure
 */
export function* protobufPieces(name: MessageName, body: Buffer): Generator<Piece> {
  try {
    yield* split(body, { start: 0, end: body.length }, listLevels(name), (content) => content);
  } catch (error) {
    if (error instanceof DecodeFailure || !(error instanceof Error) || error instanceof TypeError) throw error;
    throw new DecodeFailure('malformed', `no valid protobuf (${error.message})`, '', { cause: error });
  }
}

function* split(
  body: Buffer,
  message: Range,
  levels: readonly ListLevel[],
  wrap: (content: Buffer) => Buffer,
): Generator<Piece> {
  const [level, ...deeper] = levels;
  if (level === undefined) return;
  const { elements, others } = fieldsOf(body, message, level.number);
  const envelope = Buffer.concat(others.map(({ start, end }) => body.subarray(start, end)));
  // So that a large envelope is not repeated for every little that is in it.
  const most = Math.max(PIECE_BYTES, 2 * envelope.length);
  const pieceOf = (group: readonly Range[], offset: number): Piece => ({
    body: wrap(Buffer.concat([envelope, ...group.map(({ start, end }) => body.subarray(start, end))])),
    offset,
  });

  let group: Range[] = [];
  let groupBytes = 0;
  for (const element of elements) {
    const bytes = element.end - element.start;
    if (groupBytes + bytes > most && group[0] !== undefined) {
      yield pieceOf(group, group[0].start);
      group = [];
      groupBytes = 0;
    }
    if (bytes > most && deeper.length > 0) {
      const content = { start: element.contentStart, end: element.end };
      yield* split(body, content, deeper, (inner) =>
        wrap(Buffer.concat([envelope, header(level.number, inner.length), inner])),
      );
    } else {
      group.push(element);
      groupBytes += bytes;
    }
  }
  if (group[0] !== undefined) yield pieceOf(group, group[0].start);
  // What has nothing in it is kept too, and checked.
  else if (elements.length === 0) yield pieceOf([], message.start);
}

function fieldsOf(body: Buffer, { start, end }: Range, number: number): { elements: Element[]; others: Range[] } {
  const reader = protobuf.Reader.create(body.subarray(0, end));
  reader.pos = start;
  const elements: Element[] = [];
  const others: Range[] = [];
  while (reader.pos < end) {
    const at = reader.pos;
    const tag = reader.tag();
    if (tag >>> 3 === number && (tag & 7) === LENGTH_DELIMITED) {
      const bytes = reader.size();
      const contentStart = reader.pos;
      if (contentStart + bytes > end)
        throw new RangeError(`a message of ${bytes} bytes where ${end - contentStart} are left`);
      reader.pos = contentStart + bytes;
      elements.push({ start: at, contentStart, end: reader.pos });
    } else {
      reader.skipType(tag & 7, 0, tag >>> 3);
      others.push({ start: at, end: reader.pos });
    }
  }
  return { elements, others };
}

function header(number: number, length: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32((number << 3) | LENGTH_DELIMITED)
    .uint32(length)
    .finish();
}
