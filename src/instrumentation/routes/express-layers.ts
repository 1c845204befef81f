import { isObject, isObjectOrFunction } from '../../values/is-object.ts';

/** A path of a route or a mount, as the application has written it. */
type Pattern = string | RegExp;

/** What a layer of a router takes of a path. */
interface Match {
  readonly text: string;
  /** Undefined: it takes the path, but how it was written is not known. */
  readonly template: string | undefined;
}

/** Of a function too, unlike `read()`: routers and applications are functions. */
export function member(of: unknown, key: string): unknown {
  return isObjectOrFunction(of) ? Reflect.get(of, key) : undefined;
}

/**
 * What a layer takes of `path`; undefined if nothing. It does what the router has done before, without its side effects: a layer is asked
 * only by functions that keep no state in it.
 */
export function matchLayer(layer: unknown, path: string): Match | undefined {
  const regexp = member(layer, 'regexp');
  if (member(layer, 'slash') === true || member(regexp, 'fast_slash') === true) return { text: '', template: '' };
  if (regexp instanceof RegExp) return matchRegexp(regexp, member(layer, 'keys'), path);
  const rawPath = member(layer, 'rawPath');
  const matchers = member(layer, 'matchers');
  if (!Array.isArray(matchers)) return undefined;
  for (const [index, matcher] of matchers.entries()) {
    const found: unknown = typeof matcher === 'function' ? matcher(path) : undefined;
    const text = member(found, 'path');
    if (typeof text !== 'string') continue;
    const pattern: unknown = Array.isArray(rawPath) ? rawPath[index] : rawPath;
    return {
      text,
      // router 2.3 keeps the pattern. Paths are usually matched regardless of case, and the client's is not to be in the route.
      template: isPattern(pattern) ? templateOf(pattern) : withNames(text.toLowerCase(), member(found, 'params')),
    };
  }
  return undefined;
}

/** Express 4, which keeps a regular expression and the names of its groups. */
function matchRegexp(regexp: RegExp, keys: unknown, path: string): Match | undefined {
  const match = regexp.exec(path);
  if (match === null) return undefined;
  const names: unknown[] = Array.isArray(keys) ? keys.map((key) => member(key, 'name')) : [];
  const params = Object.fromEntries(names.map((name, index) => [String(name), match[index + 1]]));
  // A mount takes a trailing slash along.
  const text = match[0].replace(/\/$/, '');
  const template = withNames(text, params);
  const source = regexp.source.replaceAll('\\', '');
  const literals = template?.split('/').filter((segment) => !segment.startsWith(':')) ?? [];
  return { text, template: literals.every((literal) => source.includes(literal)) ? template : undefined };
}

/** `/t/9` with `{ tenant: '9' }` is `/t/:tenant`; undefined where it is not certain which segment is which parameter. */
function withNames(text: string, params: unknown): string | undefined {
  const segments = text.split('/');
  const named = [...segments];
  for (const [name, value] of Object.entries(isObject(params) ? params : {})) {
    if (value === undefined) continue;
    if (typeof value !== 'string' || /^\d/.test(name)) return undefined;
    const wanted = value.toLowerCase();
    const places = segments.flatMap((segment, index) => (decoded(segment).toLowerCase() === wanted ? [index] : []));
    const [place] = places;
    if (place === undefined || places.length > 1) return undefined;
    named[place] = `:${name}`;
  }
  return named.join('/');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function isPattern(value: unknown): value is Pattern {
  return typeof value === 'string' || value instanceof RegExp;
}

export function templateOf(pattern: Pattern): string {
  return pattern === '/' ? '' : String(pattern);
}
