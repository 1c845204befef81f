import { isInt64 } from './json-values.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

// opentelemetry/proto/common/v1/common.proto

/** `KeyValue.key` with tag and length. Bounded, since an application may make keys without end. */
const keys = new Map<string, Uint8Array>();
const MAX_KEYS = 2000;

/** Writes attributes, or any other object, as a repeated `KeyValue`. @param tag of the repeated field */
export function writeKeyValues(writer: ProtobufWriter, tag: number, values: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(values)) {
    const value = values[key];
    const encoded = keys.get(key) ?? encodeKey(key);
    writer.byte(tag);
    const start = writer.begin(encoded.length + 6 + (typeof value === 'string' ? value.length : 2));
    writer.raw(encoded);
    writer.byte(0x12);
    writeAnyValue(writer, value);
    writer.end(start);
  }
}

function encodeKey(key: string): Uint8Array {
  const writer = new ProtobufWriter();
  writer.byte(0x0a);
  writer.string(key);
  const encoded = writer.take();
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(key, encoded);
  return encoded;
}

/** With its length; the empty `AnyValue` for null and undefined. */
export function writeAnyValue(writer: ProtobufWriter, value: unknown): void {
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
