import type { AnyValue } from '@opentelemetry/api';
import { cutText, MAX_MESSAGE, MAX_STACKTRACE } from '../../errors/exception-text.ts';
import { isObject } from '../../values/is-object.ts';

export type Fields = Record<string, AnyValue>;

/** An error as a line has it, redacted and by the serializers of the application. */
export interface LoggedError {
  readonly key: string;
  /** The attributes `exception.*`. */
  readonly exception: Readonly<Fields>;
  /** What else the line has of it: `code`, `statusCode`. */
  readonly rest: Readonly<Fields>;
  /** All that the line has of it, but for the stack: for a line that is not the first to tell of it. */
  readonly short: Readonly<Fields>;
}

/** Under these keys errors are logged, where the logger names no other. */
const USUAL_KEYS = ['err', 'error'];

export function errorIn(fields: Fields, errorKey: string): LoggedError | undefined {
  for (const key of [errorKey, ...USUAL_KEYS]) {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (isFields(value) && isSerializedError(value)) return describe(key, value);
  }
  return undefined;
}

export function isFields(value: unknown): value is Fields {
  return isObject(value) && !Array.isArray(value);
}

function isSerializedError({ type, name, message, stack }: Readonly<Fields>): boolean {
  if (typeof stack === 'string') return true;
  return typeof message === 'string' && (typeof type === 'string' || typeof name === 'string');
}

function describe(key: string, { type, message, stack, ...others }: Fields): LoggedError {
  const kind = type ?? others['name'];
  return {
    key,
    exception: {
      ...(typeof kind === 'string' ? { 'exception.type': kind } : {}),
      ...text('exception.message', message, MAX_MESSAGE),
      ...text('exception.stacktrace', stack, MAX_STACKTRACE),
    },
    rest: others,
    short: { ...(type === undefined ? {} : { type }), ...(message === undefined ? {} : { message }), ...others },
  };
}

function text(key: string, value: AnyValue, limit: number): Fields {
  return typeof value === 'string' && value !== '' ? { [key]: cutText(value, limit) } : {};
}
