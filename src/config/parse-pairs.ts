import type { Parsed } from './parse.ts';
import { parsed, refused } from './parse.ts';
import { splitList } from './parse-list.ts';
import { quote } from './show-value.ts';
import { isFieldValue } from '../values/field-value.ts';

type Pairs = Readonly<Record<string, string>>;

/** RFC 9110 token, lower-cased: a valid header name. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

const NO_NAME = 'no valid header name';

/** Why a (lower-cased) name and a value are not a valid header; the text contains neither of them. */
export function headerProblem(name: string, value: string): string | undefined {
  if (!HEADER_NAME.test(name)) return NO_NAME;
  return isFieldValue(value) ? undefined : 'a character no header may have';
}

/**
 * `name=value,…`. Only the unusable items are ignored. The problem names them by their position: without a valid name, the
 * whole item may be the secret. Names are lower-cased, so that a signal's `Authorization` replaces the general
 * `authorization`.
 */
export function parseHeaders(raw: string): Parsed<Pairs> {
  const headers = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, item] of splitList(raw).entries()) {
    const equals = item.indexOf('=');
    const name = item.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    const value = decode(item.slice(equals + 1).trim());
    if (equals === -1) problems.push(`item ${index + 1} has no "="`);
    else if (!HEADER_NAME.test(name)) problems.push(`item ${index + 1} has ${NO_NAME}`);
    else if (value === undefined) problems.push(`item ${index + 1} is not valid percent-encoding`);
    else {
      const problem = headerProblem(name, value);
      if (problem === undefined) headers.set(name, value);
      else problems.push(`item ${index + 1} has ${problem}`);
    }
  }
  const expected = 'name=value pairs, percent-encoded';
  const value = Object.fromEntries(headers);
  if (problems.length > 0) return { value, problem: `expected ${expected} (${problems.join(', ')})` };
  return headers.size === 0 ? refused(expected, 'only commas') : parsed(value);
}

/** `key=value,…`, with "," and "=" inside percent-encoded. One error discards everything (spec, resource/sdk.md). */
export function parseAttributes(raw: string): Parsed<Pairs> {
  const attributes = new Map<string, string>();
  const expected = 'key=value pairs, percent-encoded';
  for (const item of splitList(raw)) {
    const [key, value, ...rest] = item.split('=').map((part) => decode(part.trim()));
    if (key === undefined || key === '' || value === undefined || rest.length > 0)
      return refused(expected, quote(item));
    attributes.set(key, value);
  }
  return attributes.size === 0 ? refused(expected, 'only commas') : parsed(Object.fromEntries(attributes));
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
