import { types } from 'node:util';
import { exceptionType, objectLabel, ownMessage, substituteMessage } from './exception-label.ts';
import { className, isErrorLike, primitiveText, readProperty } from './exception-read.ts';
import { isObjectOrFunction } from '../values/is-object.ts';
import { inspectError, inspectObject, inspectProxy } from './exception-snapshot.ts';
import { cutText, headOfStack, MAX_MESSAGE, MAX_STACKTRACE } from './exception-text.ts';

/** Characters of `exception.type`. */
const MAX_TYPE = 256;

/** The `exception.*` attributes of the semantic conventions. */
export interface ExceptionDescription {
  /** The class of an error, at most 256 characters; of anything else its class or its `typeof`. Never empty. */
  readonly type: string;
  /** At most 8192 characters. Never empty. */
  readonly message: string;
  /** At most 65 536 characters; undefined for what has no stack. */
  readonly stacktrace: string | undefined;
}

/**
 * Says of any thrown value what it was. It never throws, not for a revoked Proxy and not at the end of the stack, and never
 * changes the value.
 *
 * - `type` is the name of the class, not the `code`; `name` only where the class says nothing (`Error`, `DOMException`).
 * - `message` of an error without one comes from its inner errors, its stack or its code; of a value that is no error it is
 *   the value as Node shows it.
 * - `stacktrace` is what Node prints of an error: its stack (as source maps or `Error.prepareStackTrace` have it), its own
 *   properties, the chain of causes and the inner errors of an AggregateError. Objects among the properties are shown by
 *   their class only. Of a chain without end the first 64 errors are shown and the last one is named.
 *
 * What is longer than its bound loses its middle, and says how many characters: `[... 1040381 characters not shown ...]`.
 *
 * Code of the application runs where there is no other way to know: getters of `message`, `stack`, `name`, `code`, `cause` and
 * `errors`, and `Error.prepareStackTrace`. Their exceptions are ignored; one that never returns is waited for, as Node does when
 * it prints the error. As for anyone who reads it, V8 writes `stack` at the first reading: a message that the application
 * changes later no longer shows in it.
 *
 * @example
 * describeException(new TypeError('no user', { cause }));
 * // { type: 'TypeError', message: 'no user', stacktrace: 'TypeError: no user\n    at … {\n  [cause]: Error: …' }
 * describeException(undefined); // { type: 'undefined', message: 'undefined', stacktrace: undefined }
 */
export function describeException(thrown: unknown): ExceptionDescription {
  try {
    const { type, message, stacktrace } = describe(thrown);
    return {
      type: cutText(type, MAX_TYPE),
      message: cutText(message, MAX_MESSAGE),
      stacktrace: stacktrace === undefined ? undefined : cutText(stacktrace, MAX_STACKTRACE),
    };
  } catch {
    // No call in here: this is also where the end of the stack is met.
    return { type: typeof thrown, message: UNREADABLE, stacktrace: undefined };
  }
}

const UNREADABLE = 'a value that cannot be read';

function describe(thrown: unknown): ExceptionDescription {
  if (!isObjectOrFunction(thrown))
    return {
      type: thrown === null ? 'null' : typeof thrown,
      message: describePrimitive(thrown),
      stacktrace: undefined,
    };
  if (types.isProxy(thrown)) return describeProxy(thrown);
  if (isErrorLike(thrown)) return describeError(thrown);
  if (typeof thrown === 'function') return { type: 'function', message: objectLabel(thrown), stacktrace: undefined };
  return {
    type: className(thrown) || 'Object',
    message: ownMessage(thrown) ?? inspectObject(thrown),
    stacktrace: undefined,
  };
}

function describePrimitive(thrown: unknown): string {
  return thrown === '' ? "''" : primitiveText(thrown);
}

function describeError(error: object): ExceptionDescription {
  const type = exceptionType(error);
  return { type, message: ownMessage(error) ?? substituteMessage(error, type), stacktrace: stacktraceOf(error) };
}

function stacktraceOf(error: object): string | undefined {
  try {
    return inspectError(error);
  } catch {
    const stack = readProperty(error, 'stack');
    return typeof stack === 'string' ? stack : undefined;
  }
}

/** What a Proxy stands for is shown, its class is not known: to ask would run its traps. */
function describeProxy(proxy: object): ExceptionDescription {
  let text = UNREADABLE;
  try {
    text = inspectProxy(proxy);
  } catch {
    // Around another Proxy whose traps throw.
  }
  const message = headOfStack(text);
  return { type: 'Proxy', message, stacktrace: message === text ? undefined : text };
}
