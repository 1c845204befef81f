import type { Reader, Writer } from 'protobufjs/minimal.js';
import { NEGATIVE_ZERO } from '../../values/negative-zero.ts';
import type { CanonicalScalar } from './canonical.ts';
import { decimalFromJson, INT64, type IntegerRange, signedDecimal, UINT64, unsignedDecimal } from './int64.ts';
import type { ScalarType } from './schema.ts';

/** How one scalar type is read from protobuf and from JSON, and written. */
export interface Scalar {
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wireType: 0 | 1 | 2 | 5;
  /** The default in canonical form; with implicit presence the same as absent. */
  readonly zero: CanonicalScalar;
  /** The values that OTLP/JSON allows, for messages. */
  readonly expected: string;
  read(reader: Reader): CanonicalScalar;
  /** @returns undefined for a value that is not valid for this type */
  fromJson(value: unknown): CanonicalScalar | undefined;
  /** @param value the number -0 in place of `NEGATIVE_ZERO` */
  write(writer: Writer, value: string | number | boolean): void;
}

const HEX = /^(?:[0-9a-f]{2})*$/;
const HEX_ANY_CASE = /^(?:[0-9a-f]{2})*$/i;
/** Replaces an id that is not hex: its length is invalid, so that only its item is rejected and not the whole request. */
const INVALID_ID = '00';
/** The standard and the URL-safe alphabet, with or without padding, as the JSON mapping of proto3 allows. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function integer(
  wireType: 0 | 5,
  unsigned: boolean,
  read: (reader: Reader) => number,
  write: (writer: Writer, value: number) => void,
): Scalar {
  const min = unsigned ? 0 : -(2 ** 31);
  const max = unsigned ? 2 ** 32 - 1 : 2 ** 31 - 1;
  return {
    wireType,
    zero: 0,
    expected: `an integer from ${min} to ${max}`,
    read,
    fromJson(value) {
      const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isInteger(number)) return undefined;
      // `+ 0` because -0 is written as 0.
      return number >= min && number <= max ? number + 0 : undefined;
    },
    write: (writer, value) => write(writer, Number(value)),
  };
}

function long(
  wireType: 0 | 1,
  range: IntegerRange,
  read: (reader: Reader) => string,
  write: (writer: Writer, value: string) => void,
): Scalar {
  return {
    wireType,
    zero: '0',
    expected: `an integer from ${range.min} to ${range.max}, as a string of decimal digits or a number`,
    read,
    fromJson: (value) => decimalFromJson(value, range),
    write: (writer, value) => write(writer, String(value)),
  };
}

/** protobufjs reads a 64-bit varint as an object of two halves; a fixed-width integer is read as two numbers without that object. */
const varint = (reader: Reader, decimal: (low: number, high: number) => string): string => {
  const { low, high } = reader.uint64();
  return decimal(low >>> 0, high >>> 0);
};
const fixed = (reader: Reader, decimal: (low: number, high: number) => string): string => {
  const low = reader.fixed32();
  return decimal(low, reader.fixed32());
};

/** JSON cannot express NaN and the infinities; the mapping of proto3 writes them as strings. */
const canonicalDouble = (value: number): CanonicalScalar => (Number.isFinite(value) ? signed(value) : String(value));

/** The two zeros are different values of a double (IEEE 754), but not of an integer. */
const signed = (value: number): CanonicalScalar => (Object.is(value, -0) ? NEGATIVE_ZERO : value);

function doubleFromJson(value: unknown): CanonicalScalar | undefined {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value;
  const isNumeric = typeof value === 'bigint' || (typeof value === 'string' && NUMBER.test(value));
  const number = isNumeric ? Number(value) : value;
  // A number that exceeds a double, such as 1e400, is not a value of this type.
  return typeof number === 'number' && Number.isFinite(number) ? signed(number) : undefined;
}

const binary = (
  encoding: 'hex' | 'base64',
  expected: string,
  fromJson: (value: string) => string | undefined,
): Scalar => ({
  wireType: 2,
  zero: '',
  expected,
  read(reader) {
    const bytes = reader.bytes();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
  },
  fromJson: (value) => (typeof value === 'string' ? fromJson(value) : undefined),
  write: (writer, value) => writer.bytes(Buffer.from(String(value), encoding)),
});

const enumeration = integer(
  0,
  false,
  (reader) => reader.int32(),
  (writer, value) => writer.int32(value),
);

export const scalars: Readonly<Record<ScalarType, Scalar>> = {
  string: {
    wireType: 2,
    zero: '',
    expected: 'a string',
    read: (reader) => reader.string(),
    fromJson: (value) => (typeof value === 'string' ? value : undefined),
    write: (writer, value) => writer.string(String(value)),
  },
  bool: {
    wireType: 0,
    zero: false,
    expected: 'true or false',
    read: (reader) => reader.bool(),
    fromJson: (value) => (typeof value === 'boolean' ? value : undefined),
    write: (writer, value) => writer.bool(value === true),
  },
  double: {
    wireType: 1,
    zero: 0,
    expected: 'a number, "NaN", "Infinity" or "-Infinity"',
    read: (reader) => canonicalDouble(reader.double()),
    fromJson: doubleFromJson,
    write: (writer, value) => writer.double(Number(value)),
  },
  bytes: binary('base64', 'base64', (value) =>
    BASE64.test(value) && value.replaceAll('=', '').length % 4 !== 1
      ? Buffer.from(value, 'base64').toString('base64')
      : undefined,
  ),
  // Ids are hex in OTLP/JSON, unlike other bytes; upper case is allowed in requests (OTLP specification, JSON encoding).
  id: binary('hex', 'a string of hexadecimal digits', (value) => {
    if (HEX.test(value)) return value;
    return HEX_ANY_CASE.test(value) ? value.toLowerCase() : INVALID_ID;
  }),
  enum: {
    ...enumeration,
    expected: 'an enum value as an integer',
    fromJson: (value) => (typeof value === 'number' ? enumeration.fromJson(value) : undefined),
  },
  int32: integer(
    0,
    false,
    (reader) => reader.int32(),
    (writer, value) => writer.int32(value),
  ),
  uint32: integer(
    0,
    true,
    (reader) => reader.uint32(),
    (writer, value) => writer.uint32(value),
  ),
  sint32: integer(
    0,
    false,
    (reader) => reader.sint32(),
    (writer, value) => writer.sint32(value),
  ),
  fixed32: integer(
    5,
    true,
    (reader) => reader.fixed32(),
    (writer, value) => writer.fixed32(value),
  ),
  int64: long(
    0,
    INT64,
    (reader) => varint(reader, signedDecimal),
    (writer, value) => writer.int64(value),
  ),
  uint64: long(
    0,
    UINT64,
    (reader) => varint(reader, unsignedDecimal),
    (writer, value) => writer.uint64(value),
  ),
  fixed64: long(
    1,
    UINT64,
    (reader) => fixed(reader, unsignedDecimal),
    (writer, value) => writer.fixed64(value),
  ),
  sfixed64: long(
    1,
    INT64,
    (reader) => fixed(reader, signedDecimal),
    (writer, value) => writer.sfixed64(value),
  ),
};
