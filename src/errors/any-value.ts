import { types } from 'node:util';
import type { AnyValue } from '@opentelemetry/api';
import { isObjectOrFunction } from '../values/is-object.ts';
import { messageOf } from '../values/thrown.ts';
import { objectLabel } from './exception-label.ts';
import { isErrorLike, primitiveText } from './exception-read.ts';
import { describeException } from './exception.ts';

/** Levels of maps and lists. Protobuf decoders take 100 nested messages by default, and a level is up to three of them. */
const MAX_DEPTH = 24;
/** Values in one body: two references to the same object at each of 24 levels would be 16 million. */
const MAX_VALUES = 65_536;
const NOT_SHOWN = '[... more values, not shown]';

/**
 * Any value as the data model of log records has it ("type any"): text, numbers, booleans, bytes, lists and maps, copied, so that
 * it stays what it was. It never throws; code of the application may run (getters, `toJSON`, iterators, the traps of a Proxy).
 *
 * - An `Error` is its stack trace with causes and properties, as in `exception.stacktrace`; a `Date` is in ISO 8601.
 * - A `Map` is a map with its keys as text, a `Set` and any typed array but `Uint8Array` are lists, an `ArrayBuffer` is bytes.
 * - Any other object is what its `toJSON()` gives, else its own enumerable properties. A `URL` and a `RegExp` are text.
 * - A bigint is its digits; symbols and functions are text.
 * - What cannot be read, refers to itself, lies deeper than 24 levels or beyond 65 536 values is a text in brackets.
 */
export function anyValue(value: unknown): AnyValue {
  return new Copy().of(value);
}

class Copy {
  #valuesLeft = MAX_VALUES;
  readonly #path = new Set<object>();

  of(value: unknown): AnyValue {
    switch (typeof value) {
      case 'string':
      case 'number':
      case 'boolean':
      case 'undefined':
        return value;
      case 'bigint':
      case 'symbol':
        return primitiveText(value);
      default:
        return value === null || !isObjectOrFunction(value) ? null : this.#object(value);
    }
  }

  #object(value: object): AnyValue {
    if (typeof value === 'function') return objectLabel(value);
    if (this.#path.has(value)) return '[Circular]';
    if (this.#path.size === MAX_DEPTH) return objectLabel(value);
    this.#path.add(value);
    try {
      return this.#content(value);
    } catch (error) {
      return `[cannot be read: ${messageOf(error)}]`;
    } finally {
      this.#path.delete(value);
    }
  }

  #content(value: object): AnyValue {
    const error = errorText(value);
    if (error !== undefined) return error;
    if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (types.isRegExp(value) || value instanceof URL) return String(value);
    if (types.isBoxedPrimitive(value)) return this.of(value.valueOf());
    if (types.isAnyArrayBuffer(value)) return new Uint8Array(value.slice(0));
    if (value instanceof Uint8Array || value instanceof DataView) return bytes(value);
    if (types.isMap(value)) return this.#map(value);
    if (Array.isArray(value) || types.isSet(value) || types.isTypedArray(value)) return this.#list(value);
    const toJson: unknown = Reflect.get(value, 'toJSON');
    if (typeof toJson === 'function') return this.of(Reflect.apply(toJson, value, ['']));
    return this.#map(ownProperties(value));
  }

  #list(values: Iterable<unknown>): AnyValue[] {
    const list: AnyValue[] = [];
    for (const value of values) {
      if (this.#isFull()) {
        list.push(NOT_SHOWN);
        break;
      }
      list.push(this.of(value));
    }
    return list;
  }

  #isFull(): boolean {
    this.#valuesLeft -= 1;
    return this.#valuesLeft < 0;
  }

  #map(entries: Iterable<readonly [unknown, unknown]>): Record<string, AnyValue> {
    const map: Record<string, AnyValue> = {};
    for (const [key, value] of entries) {
      if (this.#isFull()) {
        map['...'] = NOT_SHOWN;
        break;
      }
      const name = isObjectOrFunction(key) ? objectLabel(key) : String(key);
      // Not by assignment: `__proto__` is a key like any other.
      if (value !== undefined)
        Object.defineProperty(map, name, {
          value: this.of(value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
    }
    return map;
  }
}

function errorText(value: object): string | undefined {
  if (!isErrorLike(value)) return undefined;
  const { message, stacktrace } = describeException(value);
  return stacktrace ?? message;
}

function bytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

function* ownProperties(target: object): Generator<readonly [string, unknown]> {
  for (const key of Object.keys(target)) {
    let value: unknown;
    try {
      value = Reflect.get(target, key);
    } catch (error) {
      value = `[cannot be read: ${messageOf(error)}]`;
    }
    yield [key, value];
  }
}
