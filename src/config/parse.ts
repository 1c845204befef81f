import { quote } from './show-value.ts';
import type { DurationVariable, IntegerVariable, TimeoutVariable } from './variable.ts';

/** Spec "Integer": implementations support up to 2³¹−1. It is also the longest delay that `setTimeout` accepts. */
const MAX_INTEGER = 2_147_483_647;

/**
 * The result of parsing a value. `problem` says what was expected and what was found instead. A problem with a value means
 * that part of the input was usable; a problem without one, that the variable counts as unset.
 */
export type Parsed<T> =
  | { readonly value: T; readonly problem: string | undefined }
  | { readonly value: undefined; readonly problem: string };

export function parsed<T>(value: T): Parsed<T> {
  return { value, problem: undefined };
}

export function refused(expected: string, got: string): { readonly value: undefined; readonly problem: string } {
  return { value: undefined, problem: `expected ${expected} (got ${got})` };
}

export function parseBoolean(raw: string): Parsed<boolean> {
  const word = raw.toLowerCase();
  if (word === 'true') return parsed(true);
  if (word === 'false') return parsed(false);
  // The spec: every other value means false, not unset. So a signal's own variable does not fall back to the general one.
  return { value: false, problem: `expected true or false (got ${quote(raw)})` };
}

export function parseInteger(raw: string, row: IntegerVariable | DurationVariable | TimeoutVariable): Parsed<number> {
  const min = row.kind === 'timeout' ? 0 : (row.min ?? 0);
  const value = /^\d+$/.test(raw) ? Number(raw) : Number.NaN;
  if (value >= min && value <= MAX_INTEGER) return parsed(row.kind === 'timeout' && value === 0 ? Infinity : value);
  const what = row.kind === 'integer' ? 'an integer' : 'milliseconds, an integer';
  const zero = row.kind === 'timeout' ? ', 0 for no limit' : '';
  return refused(`${what} from ${min} to ${MAX_INTEGER}${zero}`, quote(raw));
}

export function parseRatio(raw: string): Parsed<number> {
  // Number() alone would also accept hexadecimal, binary and "Infinity".
  const value = /^[\d.e+-]+$/i.test(raw) ? Number(raw) : Number.NaN;
  return value >= 0 && value <= 1 ? parsed(value) : refused('a number from 0 to 1', quote(raw));
}

export function parseEnum<Value extends string>(raw: string, values: readonly Value[]): Parsed<Value> {
  const word = raw.toLowerCase();
  const value = values.find((candidate) => candidate === word);
  return value === undefined ? refused(`one of ${values.join(', ')}`, quote(raw)) : parsed(value);
}

export function parseFile(raw: string): Parsed<string> {
  // A line break or a null character in a path is always a mistake in how the variable was set.
  return /[\0\n]/.test(raw) ? refused('the path of a file', quote(raw)) : parsed(raw);
}

export function parsePath(raw: string): Parsed<string> {
  // The value is not shown: it may be the private key itself.
  if (raw.includes('\n') || raw.startsWith('-----')) return refused('the path of a PEM file', 'the contents of one');
  return raw.includes('\0') ? refused('the path of a PEM file', quote(raw)) : parsed(raw);
}
