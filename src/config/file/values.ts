import { isAbsolute } from 'node:path';
import { isObject } from '../../values/is-object.ts';
import { parsed, type Parsed, parseInteger, parsePath, refused } from '../parse.ts';
import { quote } from '../show-value.ts';
import { type NameOf, variables } from '../variables.ts';

/** How the values of the file are parsed. No message contains a string that may be a secret. */

export function toText(value: unknown): Parsed<string> {
  return typeof value === 'string' ? parsed(value) : refused('text', kindOf(value));
}

export function toFlag(value: unknown): Parsed<boolean> {
  return typeof value === 'boolean' ? parsed(value) : refused('true or false', kindOf(value));
}

/** By the rules of the corresponding variable: its bounds, and 0 for no limit if it is a timeout. */
export function toInteger(variable: NameOf<'integer' | 'duration' | 'timeout'>): (value: unknown) => Parsed<number> {
  return (value) => {
    if (typeof value !== 'number') return refused('a number', kindOf(value));
    const { value: integer, problem } = parseInteger(String(value), variables[variable]);
    return integer === undefined ? { value: undefined, problem: problem.replaceAll('"', '') } : parsed(integer);
  };
}

export function toRatio(value: unknown): Parsed<number> {
  return typeof value === 'number' && value >= 0 && value <= 1
    ? parsed(value)
    : refused('a number from 0 to 1', typeof value === 'number' ? String(value) : kindOf(value));
}

export function toChoice<const Value extends string>(values: readonly Value[]): (value: unknown) => Parsed<Value> {
  return (value) => {
    const choice = values.find((candidate) => candidate === value);
    if (choice !== undefined) return parsed(choice);
    return refused(`one of ${values.join(', ')}`, typeof value === 'string' ? quote(value) : kindOf(value));
  };
}

/** A list of the strings that `isItem` accepts. */
export function toList<Value extends string>(
  isItem: (text: string) => text is Value,
  expected: string,
): (value: unknown) => Parsed<readonly Value[]> {
  return (value) => {
    if (!Array.isArray(value)) return refused(`a list of ${expected}`, kindOf(value));
    const items = new Set<Value>();
    for (const item of value) {
      if (typeof item !== 'string') return refused(`a list of ${expected}`, `${kindOf(item)} in it`);
      if (!isItem(item)) return refused(`a list of ${expected}`, `${quote(item)} in it`);
      items.add(item);
    }
    return parsed([...items]);
  };
}

/** The schema requires absolute paths, and the specification an error for a relative one. */
export function toPemPath(value: unknown): Parsed<string> {
  if (typeof value !== 'string') return refused('the path of a PEM file', kindOf(value));
  const path = parsePath(value);
  if (path.value === undefined || isAbsolute(path.value)) return path;
  return refused('the absolute path of a PEM file', quote(value));
}

/** `file_format` of the unparsed file. */
export function fileFormatOf(file: unknown): unknown {
  return isObject(file) ? Reflect.get(file, 'file_format') : undefined;
}

/** The type of a value in YAML's terms, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}
