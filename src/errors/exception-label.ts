import { types } from 'node:util';
import { cutText, headOfStack } from './exception-text.ts';
import { className, isErrorLike, primitiveText, readData, readProperty } from './exception-read.ts';
import { isObjectOrFunction } from '../values/is-object.ts';

/** Characters of a label, which stands for an object whose content is not shown. */
const MAX_LABEL = 512;
/** Inner errors whose messages replace the missing message of an AggregateError. */
const MAX_INNER_MESSAGES = 8;
/** Class names that do not describe an error: then its `name` is used. */
const GENERIC_CLASSES: ReadonlySet<string> = new Set(['', 'Object', 'Error', 'DOMException']);

/** The class name of an error, or `name` if the class is generic: `error.name = 'Timeout'`, a DOMException named AbortError. */
export function exceptionType(error: object): string {
  const type = className(error);
  if (!GENERIC_CLASSES.has(type)) return type;
  const name = readProperty(error, 'name');
  if (typeof name === 'string' && name !== '') return name;
  return type === '' ? 'Error' : type;
}

/** The whole message; undefined if there is none. */
export function ownMessage(value: object): string | undefined {
  const message = readProperty(value, 'message');
  if (message === undefined || message === '') return undefined;
  return isObjectOrFunction(message) ? objectLabel(message) : primitiveText(message);
}

/**
 * Replaces the message of an error without one (e.g. an AggregateError of `node:net`): the messages of its inner errors, else
 * the message in its stack, else its code, else `type`.
 */
export function substituteMessage(error: object, type: string): string {
  const inner = innerMessages(error);
  if (inner !== '') return inner;
  const stack = readProperty(error, 'stack');
  const head = typeof stack === 'string' ? headOfStack(stack) : '';
  const kept = head.slice(head.indexOf(': ') + 2).trim();
  if (head.includes(': ') && kept !== '') return kept;
  const code = readProperty(error, 'code');
  return typeof code === 'string' && code !== '' ? code : type;
}

function innerMessages(error: object): string {
  const inner = readProperty(error, 'errors');
  if (types.isProxy(inner) || !Array.isArray(inner)) return '';
  const messages: string[] = [];
  for (let index = 0; index < Math.min(inner.length, MAX_INNER_MESSAGES); index += 1) {
    const one = readData(inner, String(index));
    const message = isErrorLike(one) ? ownMessage(one) : undefined;
    if (message !== undefined) messages.push(message);
  }
  return messages.join('; ');
}

/**
 * `[Class: message]`, as Node shows objects below the depth limit. Properties are not shown: the error of an HTTP client has the
 * request as a property, and that has the credentials.
 */
export function objectLabel(value: object): string {
  if (types.isProxy(value)) return '[Proxy]';
  if (typeof value === 'function') {
    const name = readData(value, 'name');
    return typeof name === 'string' && name !== '' ? cutText(`[Function: ${name}]`, MAX_LABEL) : '[Function]';
  }
  const message = readData(value, 'message');
  const suffix = typeof message === 'string' && message !== '' ? `: ${message}` : '';
  const type = isErrorLike(value) ? exceptionType(value) : className(value);
  return cutText(`[${type === '' ? 'Object' : type}${suffix}]`, MAX_LABEL);
}
