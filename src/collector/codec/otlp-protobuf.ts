import protobuf, { type Reader, type Writer } from 'protobufjs/minimal.js';
import { type CanonicalMessage, type CanonicalValue, isEmpty, isMessage, isScalar } from './canonical.ts';
import { type Allowance, allowanceForOne, takeElement, takeMessage } from './allowance.ts';
import { DecodeFailure, MAX_VALUE_DEPTH, tooDeep } from './decode-failure.ts';
import { type FieldPlan, type MessagePlan, planOf } from './message-plan.ts';
import type { MessageName } from './otlp-schema.ts';

/*
 * protobufjs reads and writes the wire format (varints, fixed-width numbers, strings, skipping of unknown fields and groups); this file
 * follows the schema. The generated decoders of protobufjs are not used: they build their own objects first, with three empty lists
 * for every span, so that a body of two-byte spans would become gigabytes before anything could count them.
 */

const LENGTH_DELIMITED = 2;

interface Progress {
  readonly allowance: Allowance;
  valueDepth: number;
}

/** @throws DecodeFailure */
export function decodeProtobuf(
  name: MessageName,
  body: Buffer,
  allowance: Allowance = allowanceForOne(),
): CanonicalMessage {
  const reader = protobuf.Reader.create(body);
  try {
    return readMessage(planOf(name), reader, body.length, {}, { allowance, valueDepth: 0 });
  } catch (error) {
    // protobufjs throws Error and RangeError for bytes that are not protobuf. A TypeError would be a bug in swansong.
    if (error instanceof DecodeFailure || !(error instanceof Error) || error instanceof TypeError) throw error;
    throw new DecodeFailure('malformed', `byte ${reader.pos}: not valid protobuf (${error.message})`, '', {
      cause: error,
    });
  }
}

export function encodeProtobuf(name: MessageName, message: CanonicalMessage): Uint8Array {
  return writeMessage(planOf(name), protobuf.Writer.create(), message).finish();
}

/** @param into the message of an earlier occurrence of the same singular field: protobuf merges the two */
function readMessage(
  plan: MessagePlan,
  reader: Reader,
  end: number,
  into: CanonicalMessage,
  progress: Progress,
): CanonicalMessage {
  const isValue = plan.name === 'AnyValue';
  takeMessage(progress.allowance);
  if (isValue && ++progress.valueDepth > MAX_VALUE_DEPTH) throw tooDeep();
  // The reader must not run past this message into the next one, however long a string inside claims to be.
  const outerEnd = reader.len;
  if (end > outerEnd)
    throw new RangeError(`a message of ${end - reader.pos} bytes where ${outerEnd - reader.pos} are left`);
  reader.len = end;
  let last = -1;
  let isOrdered = isEmpty(into);
  while (reader.pos < end) {
    const tag = reader.tag();
    const number = tag >>> 3;
    const wireType = tag & 7;
    const field = plan.byNumber[number];
    if (field === undefined || !readField(field, wireType, plan, reader, into, progress)) {
      reader.skipType(wireType, 0, number);
    } else {
      if (field.position < last) isOrdered = false;
      last = field.position;
    }
  }
  reader.len = outerEnd;
  if (isValue) progress.valueDepth--;
  return isOrdered ? into : inSchemaOrder(plan, into);
}

/** @returns false if the wire type is not that of the field, which is then treated as unknown */
function readField(
  field: FieldPlan,
  wireType: number,
  plan: MessagePlan,
  reader: Reader,
  into: CanonicalMessage,
  progress: Progress,
): boolean {
  const { name } = field;
  if (field.presence === 'repeated') return readElements(field, wireType, reader, into, progress);
  if (field.kind === 'message') {
    if (wireType !== LENGTH_DELIMITED) return false;
    const earlier = into[name];
    if (field.presence === 'oneof' && earlier === undefined) clearOneof(plan, into);
    const end = reader.size() + reader.pos;
    const message = readMessage(field.message, reader, end, isMessage(earlier) ? earlier : {}, progress);
    if (field.presence === 'oneof' || !isEmpty(message)) into[name] = message;
    return true;
  }
  if (wireType !== field.scalar.wireType) return false;
  const value = field.scalar.read(reader);
  if (field.presence !== 'implicit' || value !== field.scalar.zero) {
    if (field.presence === 'oneof' && !isEmpty(into)) clearOneof(plan, into);
    into[name] = value;
  } else if (into[name] !== undefined) {
    // The last occurrence counts, and it is the default.
    delete into[name];
  }
  return true;
}

function readElements(
  field: FieldPlan,
  wireType: number,
  reader: Reader,
  into: CanonicalMessage,
  progress: Progress,
): boolean {
  const existing = into[field.name];
  const list = Array.isArray(existing) ? existing : [];
  if (field.kind === 'message') {
    if (wireType !== LENGTH_DELIMITED) return false;
    list.push(readMessage(field.message, reader, reader.size() + reader.pos, {}, progress));
  } else if (wireType === field.scalar.wireType) {
    takeElement(progress.allowance);
    list.push(field.scalar.read(reader));
  } else if (wireType === LENGTH_DELIMITED) {
    const end = reader.size() + reader.pos;
    if (end > reader.len)
      throw new RangeError(`a packed list of ${end - reader.pos} bytes where ${reader.len - reader.pos} are left`);
    while (reader.pos < end) {
      takeElement(progress.allowance);
      list.push(field.scalar.read(reader));
    }
    if (reader.pos !== end) throw new RangeError('a packed list ends within an element');
  } else {
    return false;
  }
  if (list !== existing && list.length > 0) into[field.name] = list;
  return true;
}

/** Of several members of a oneof the last one on the wire counts. */
function clearOneof(plan: MessagePlan, message: CanonicalMessage): void {
  for (const { name, presence } of plan.fields) {
    if (presence === 'oneof' && message[name] !== undefined) delete message[name];
  }
}

function inSchemaOrder(plan: MessagePlan, message: CanonicalMessage): CanonicalMessage {
  const ordered: CanonicalMessage = {};
  for (const { name } of plan.fields) {
    const value = message[name];
    if (value !== undefined) ordered[name] = value;
  }
  return ordered;
}

function writeMessage(plan: MessagePlan, writer: Writer, message: CanonicalMessage): Writer {
  for (const field of plan.fields) {
    const value = message[field.name];
    if (value === undefined) continue;
    // Lists are written unpacked: every protobuf decoder must accept both forms.
    for (const element of Array.isArray(value) ? value : [value]) writeElement(field, writer, element);
  }
  return writer;
}

function writeElement(field: FieldPlan, writer: Writer, value: CanonicalValue): void {
  if (field.kind === 'message' && isMessage(value)) {
    writer.uint32((field.number << 3) | LENGTH_DELIMITED).fork();
    writeMessage(field.message, writer, value).ldelim();
  } else if (field.kind === 'scalar' && isScalar(value)) {
    writer.uint32((field.number << 3) | field.scalar.wireType);
    field.scalar.write(writer, typeof value === 'object' ? -0 : value);
  } else {
    throw new TypeError(`${field.name}: not a value of the schema`);
  }
}
