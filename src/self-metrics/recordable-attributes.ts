import { inspect } from 'node:util';
import { type Attributes, diag } from '@opentelemetry/api';
import { messageOf } from '../values/thrown.ts';

/**
 * The attributes without invalid ones: the SDK's key of a series is JSON, which throws for a bigint or a cycle, and the measurement would
 * be lost. Returns the same object if all are valid.
 * @param metric for the warning
 */
export function recordableAttributes(metric: string, attributes: unknown): Attributes {
  if (attributes === undefined) return {};
  try {
    if (isAttributes(attributes)) return attributes;
    if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
      diag.warn(`${metric}: expected attributes as an object (got ${show(attributes)}), counting without them`);
      return {};
    }
    const kept: Attributes = {};
    for (const [key, value] of Object.entries(attributes)) {
      if (isAttributeValue(value)) kept[key] = value;
      else diag.warn(`${metric}: ${key}: expected ${EXPECTED} (got ${show(value)}), counting without it`);
    }
    return kept;
  } catch (error) {
    // A getter or a proxy threw.
    diag.warn(`${metric}: the attributes cannot be read (${messageOf(error)}), counting without them`);
    return {};
  }
}

type AttributeValue = Attributes[string];

const EXPECTED = 'a string, a number, a boolean or an array of one of them';

function isAttributes(value: unknown): value is Attributes {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const key in value) if (!isAttributeValue(Reflect.get(value, key))) return false;
  return true;
}

function isAttributeValue(value: unknown): value is AttributeValue {
  if (value === undefined || isPrimitive(value)) return true;
  if (!Array.isArray(value)) return false;
  const types = new Set(value.filter((element) => element !== null && element !== undefined).map((one) => typeof one));
  return types.size <= 1 && value.every((element) => element === null || element === undefined || isPrimitive(element));
}

function isPrimitive(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function show(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Infinity }).slice(0, 100);
}
