import { format } from 'node:util';
import { isErrorLike, readProperty } from '../errors/exception-read.ts';

/** Applied in this order. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  // The SDK writes the name of a span before its ids.
  [/^.*\b[\da-f]{32}-[\da-f]{16}\b/gis, '#'],
  // An object, as JSON or as printed by util.inspect().
  [/\{.*\}/gs, '{}'],
  [/\[.*\]/gs, '[]'],
  [/"(?:[^"\\]|\\.)*"|(?<!\w)'[^'\n]*'(?!\w)|`[^`\n]*`/gs, '""'],
  // UUIDs and other long ids with a digit, then hexadecimal ids, then all other numbers.
  [/\b(?=[\w-]*\d)[\w-]{16,}\b/g, '#'],
  [/\b(?=[a-f]*\d)[\da-f]{8,}\b/gi, '#'],
  [/\d+/g, '#'],
];

/** The message without what differs each time: ids, numbers, quoted text, objects, stack traces. */
export function messageKind(message: string, args: readonly unknown[]): string {
  let kind = format(withoutStack(message), ...args.map(nameOf));
  for (const [pattern, replacement] of MASKS) kind = kind.replaceAll(pattern, replacement);
  return kind;
}

/** For an error, its name and message; the SDK's error handler passes errors as JSON, too. */
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
