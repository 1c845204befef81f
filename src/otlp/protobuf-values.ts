import { isInt64 } from './json-values.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

// opentelemetry/proto/common/v1/common.proto

/** What is known of an attribute's key from the spans before. */
interface Known {
  /** `KeyValue.key` with tag and length. */
  readonly head: Uint8Array;
  /** Of the last attribute with this key. */
  value: unknown;
  /** That whole attribute, with its length; undefined until the value has come twice in a row. */
  whole: Uint8Array | undefined;
}

/** Bounded, since an application may make keys without end. */
const keys = new Map<string, Known>();
const MAX_KEYS = 2000;
/** A value that is kept, in UTF-16 units. */
const LONGEST_KEPT = 256;

/** Writes attributes, or any other object, as a repeated `KeyValue`. @param tag of the repeated field */
export function writeKeyValues(writer: ProtobufWriter, tag: number, values: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(values)) {
    const value = values[key];
    const known = keys.get(key) ?? addKey(key);
    writer.byte(tag);
    if (value === known.value && known.whole !== undefined) {
      writer.raw(known.whole);
      continue;
    }
    const start = writer.begin(known.head.length + 6 + (typeof value === 'string' ? value.length : 2));
    writer.raw(known.head);
    writer.byte(0x12);
    writeAnyValue(writer, value);
    writer.end(start);
    known.whole = value === known.value && isKept(value) ? writer.since(start) : undefined;
    known.value = isKept(value) ? value : undefined;
  }
}

/** Most attributes have the value of the request before: the host, the method, the version, the peer. */
function isKept(value: unknown): boolean {
  return typeof value === 'string'
    ? value.length <= LONGEST_KEPT
    : typeof value === 'number' || typeof value === 'boolean';
}

function addKey(key: string): Known {
  const writer = new ProtobufWriter();
  writer.byte(0x0a);
  writer.string(key);
  const known: Known = { head: writer.take(), value: undefined, whole: undefined };
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(key, known);
  return known;
}

/** With its length; the empty `AnyValue` for null and undefined. */
function writeAnyValue(writer: ProtobufWriter, value: unknown): void {
  const start = writer.begin(typeof value === 'string' ? value.length + 3 : 2);
  switch (typeof value) {
    case 'string':
      writer.byte(0x0a);
      writer.string(value);
      break;
    case 'boolean':
      writer.byte(0x10);
      writer.byte(value ? 1 : 0);
      break;
    case 'number':
      writer.byte(isInt64(value) ? 0x18 : 0x21);
      if (isInt64(value)) writer.int64(value);
      else writer.double(value);
      break;
    case 'object':
      if (value !== null) writeObject(writer, value);
  }
  writer.end(start);
}

function writeObject(writer: ProtobufWriter, value: object): void {
  if (value instanceof Uint8Array) {
    writer.byte(0x3a);
    return writer.bytes(value);
  }
  const isList = Array.isArray(value);
  writer.byte(isList ? 0x2a : 0x32);
  const start = writer.begin(0x80);
  if (isList) {
    for (const item of value) {
      writer.byte(0x0a);
      writeAnyValue(writer, item);
    }
  } else writeKeyValues(writer, 0x0a, { ...value });
  writer.end(start);
}
