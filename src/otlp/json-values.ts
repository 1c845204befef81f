import type { HrTime } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { NEGATIVE_ZERO, type NegativeZero } from '../values/negative-zero.ts';

// ProtoJSON (protobuf.dev/programming-guides/json): 64-bit integers are strings, NaN and the infinities are strings. The JSON
// serializers of OpenTelemetry write them as JSON numbers and as `null`, for which the Collector refuses the whole request.

const INT64_LIMIT = 2 ** 63;

/** Whether a number is an int64; every other number is a double. */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -INT64_LIMIT && value < INT64_LIMIT;
}

/** A 64-bit integer. Beyond 2^53 `String()` rounds to the shortest digits that give the same double. */
export function int64(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();
}

export function double(value: number): number | string | NegativeZero {
  if (Object.is(value, -0)) return NEGATIVE_ZERO;
  return Number.isFinite(value) ? value : String(value);
}

/** @param time see `isOtlpTime` */
export function unixNano([seconds, nanos]: Readonly<HrTime>): string {
  const whole = String(Math.trunc(nanos));
  return seconds < 1 ? whole : `${Math.trunc(seconds)}${whole.padStart(9, '0')}`;
}

export function anyValue(value: unknown): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return isInt64(value) ? { intValue: int64(value) } : { doubleValue: double(value) };
    case 'object':
      return value === null ? {} : objectValue(value);
    default:
      return {};
  }
}

function objectValue(value: object): object {
  if (value instanceof Uint8Array) {
    return { bytesValue: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  }
  if (Array.isArray(value)) return { arrayValue: { values: Array.from(value, (item: unknown) => anyValue(item)) } };
  return { kvlistValue: { values: keyValues(value) } };
}

/** Attributes, or any other object, as a list of `KeyValue`. */
export function keyValues(values: object): object[] {
  return Object.entries(values).map(([key, value]: [string, unknown]) => ({ key, value: anyValue(value) }));
}

export function resource({ attributes, schemaUrl }: Resource): object {
  return {
    attributes: keyValues(attributes),
    droppedAttributesCount: 0,
    ...(schemaUrl !== undefined && schemaUrl !== '' && { schemaUrl }),
  };
}
