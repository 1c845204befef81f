import { HOST_PATTERN, isHostPattern } from '../request/allowed-hosts.ts';
import type { Parsed } from './parse.ts';
import { parsed, refused } from './parse.ts';
import { quote } from './show-value.ts';

/** The items of a comma-separated value, trimmed, without empty ones. */
export function splitList(raw: string): readonly string[] {
  return raw
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** A list of enum values: only the unknown items are ignored; `none` anywhere empties the list. */
export function parseList<Value extends string>(
  raw: string,
  values: readonly Value[],
  acceptsAll: boolean,
): Parsed<readonly Value[]> {
  const known = new Set<Value>();
  const unknown: string[] = [];
  const items = splitList(raw);
  const words = items.map((item) => item.toLowerCase());
  if (words.includes('none')) {
    return items.length === 1 ? parsed([]) : { value: [], problem: `expected none to stand alone (got ${quote(raw)})` };
  }
  for (const [index, word] of words.entries()) {
    const value = values.find((candidate) => candidate === word);
    if (value !== undefined) known.add(value);
    else if (acceptsAll && word === 'all') for (const each of values) known.add(each);
    else unknown.push(items[index] ?? word);
  }
  const choices = `${values.join(', ')}${acceptsAll ? ', all' : ''} or none`;
  return result([...known], items, unknown, `a list of ${choices}`);
}

/** An npm package name; a path or a URL is not one. */
const PACKAGE_NAME = /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*$/;

export function isPackageName(text: string): boolean {
  return PACKAGE_NAME.test(text);
}

/** Names of packages, each once; only the items that are not package names are ignored. */
export function parsePackages(raw: string): Parsed<readonly string[]> {
  const items = splitList(raw);
  const names = new Set(items.filter((item) => PACKAGE_NAME.test(item)));
  const other = items.filter((item) => !PACKAGE_NAME.test(item));
  return result([...names], items, other, 'a list of package names');
}

/** Hosts that requests may be for; only the items that cannot be one are ignored. */
export function parseHosts(raw: string): Parsed<readonly string[]> {
  const items = splitList(raw);
  const hosts = items.filter(isHostPattern);
  const other = items.filter((item) => !isHostPattern(item));
  return result(hosts, items, other, `a list of: ${HOST_PATTERN}`);
}

function result<Item>(
  value: readonly Item[],
  items: readonly string[],
  unusable: readonly string[],
  expected: string,
): Parsed<readonly Item[]> {
  if (items.length === 0) return refused(expected, 'only commas');
  if (unusable.length === 0) return parsed(value);
  const got = quote(unusable.join(','));
  return value.length === 0 ? refused(expected, got) : { value, problem: `expected ${expected} (got ${got})` };
}
