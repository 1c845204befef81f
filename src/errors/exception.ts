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
  /** The class name of an error or object, else the `typeof`. At most 256 characters, never empty. */
  readonly type: string;
  /** At most 8192 characters. Never empty. */
  readonly message: string;
  /** At most 65 536 characters; undefined for a value without a stack. */
  readonly stacktrace: string | undefined;
}

/**
 * Describes any thrown value. It never throws, not even for a revoked Proxy or on stack overflow, and never changes the value.
 *
 * - `type` is the name of the class, not the `code`; `name` only if the class is generic (`Error`, `DOMException`).
 * - `message` of an error without one comes from its inner errors, its stack or its code; for a value that is not an error it is
 *   the value as `util.inspect` shows it.
 * - `stacktrace` is what Node prints for an error: its stack (with source maps and `Error.prepareStackTrace` applied), its own
 *   properties, the chain of causes and the inner errors of an AggregateError. Objects among the properties are shown by
 *   their class only. Of a very long chain the first 64 errors are shown and the last one is named.
 *
 * Text beyond a limit loses its middle, with the number of characters: `[... 1040381 characters not shown ...]`.
 *
 * Some code of the application may run: getters of `message`, `stack`, `name`, `code`, `cause` and `errors`, and
 * `Error.prepareStackTrace`. What they throw is ignored; one that never returns blocks, as it does when Node prints the error.
 * V8 formats `stack` at the first read: if the application changes the message later, the stack keeps the old one.
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
    // No function call in here: after a stack overflow it would overflow again.
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

/** The target of a Proxy is shown; its class is not, since reading it would run the traps. */
function describeProxy(proxy: object): ExceptionDescription {
  let text = UNREADABLE;
  try {
    text = inspectProxy(proxy);
  } catch {
    // On Node before 26, a Proxy around another Proxy whose traps throw.
  }
  const message = headOfStack(text);
  return { type: 'Proxy', message, stacktrace: message === text ? undefined : text };
}
