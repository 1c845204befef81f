import { format } from 'node:util';
import { isErrorLike, readProperty } from '../errors/exception-read.ts';

/** In this order. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  // The SDK writes the name of a span before its ids.
  [/^.*\b[\da-f]{32}-[\da-f]{16}\b/gis, '#'],
  // What is shown of an object, as JSON or by util.inspect().
  [/\{.*\}/gs, '{}'],
  [/\[.*\]/gs, '[]'],
  [/"(?:[^"\\]|\\.)*"|(?<!\w)'[^'\n]*'(?!\w)|`[^`\n]*`/gs, '""'],
  // UUIDs and other ids that are long and have a digit, hexadecimal ones, then all other numbers.
  [/\b(?=[\w-]*\d)[\w-]{16,}\b/g, '#'],
  [/\b(?=[a-f]*\d)[\da-f]{8,}\b/gi, '#'],
  [/\d+/g, '#'],
];

/** What a message is about, without what differs from one time to the next: ids, numbers, what is quoted, objects, stack traces. */
export function messageKind(message: string, args: readonly unknown[]): string {
  let kind = format(withoutStack(message), ...args.map(nameOf));
  for (const [pattern, replacement] of MASKS) kind = kind.replaceAll(pattern, replacement);
  return kind;
}

/** Of an error that the SDK's error handler writes as JSON, too. */
function nameOf(value: unknown): unknown {
  if (typeof value === 'string') return withoutStack(value);
  if (isErrorLike(value)) return `${textOf(value, 'name')} ${textOf(value, 'message')}`;
  return typeof value === 'object' ? '{}' : value;
}

function withoutStack(text: string): string {
  const whole = text.startsWith('{') ? messageOfJson(text) : text;
  const stack = whole.search(/\n\s+at /);
  return stack === -1 ? whole : whole.slice(0, stack);
}

function messageOfJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return isErrorLike(value) ? `${textOf(value, 'name')} ${textOf(value, 'message')}` : text;
  } catch {
    return text;
  }
}

function textOf(value: object, key: 'name' | 'message'): string {
  const text = readProperty(value, key);
  return typeof text === 'string' ? text : '';
}
