import { NEGATIVE_ZERO, type NegativeZero } from '../../values/negative-zero.ts';

/**
 * Telemetry as it is stored: canonical OTLP/JSON. The same data always has the same form, whether a client sent protobuf or JSON:
 * keys in the order of the schema, unknown fields removed, default values left out, ids in lower-case hex, 64-bit integers as
 * decimal strings, enums as integers, bytes in base64, NaN and the infinities as strings.
 */
export interface CanonicalMessage {
  [field: string]: CanonicalValue;
}

export type CanonicalScalar = string | number | boolean | NegativeZero;

export type CanonicalValue = CanonicalScalar | CanonicalMessage | CanonicalValue[];

export function isMessage(value: CanonicalValue | undefined): value is CanonicalMessage {
  return typeof value === 'object' && !Array.isArray(value) && !isScalar(value);
}

export function isScalar(value: CanonicalValue): value is CanonicalScalar {
  return typeof value !== 'object' || value === NEGATIVE_ZERO;
}

/** The list in a field; empty if the field is absent, because the canonical form leaves empty lists out. */
export function listOf(message: CanonicalMessage, field: string): readonly CanonicalValue[] {
  const value = message[field];
  return Array.isArray(value) ? value : [];
}

export function isEmpty(message: CanonicalMessage): boolean {
  // Not Object.keys(), which allocates a list: this runs for every attribute.
  for (const _field in message) return false;
  return true;
}
