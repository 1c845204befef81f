import type { InstrumentationOptions } from './config.ts';
import type { Variable, VariableValue } from './variable.ts';

const LONGEST_SHOWN = 100;

/** A value for warnings and descriptions: quoted and escaped, so that it cannot control a terminal, and cut when it is long. */
export function quote(value: string): string {
  return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
}

/**
 * A URL, valid or not, without the parts that may be secret: user information, query and fragment. Works on the text and
 * treats everything before the last `@` as user information: a password with an unescaped `/` or `#` would be parsed as
 * another component, or not at all, and must not be shown either.
 */
export function redactUrl(url: string): string {
  const at = url.lastIndexOf('@');
  const scheme = /^https?:\/\//i.exec(url)?.[0] ?? '';
  const visible = at === -1 ? url : `${scheme}[redacted]${url.slice(at)}`;
  const query = visible.search(/[?#]/);
  return query === -1 ? visible : `${visible.slice(0, query + 1)}[redacted]`;
}

/** A parsed value for warnings and descriptions. Secret headers are shown with their names only. */
export function showValue(row: Variable, value: VariableValue): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return value === Infinity ? 'no limit' : String(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return showText(row, value);
  const items = Object.entries<string | InstrumentationOptions>(value).map(([key, item]) => showItem(row, key, item));
  return items.length === 0 ? 'none' : items.join(', ');
}

function showText(row: Variable, text: string): string {
  if (row.secret === true) return '[redacted]';
  if (row.kind === 'url' || row.kind === 'collector') return redactUrl(text);
  return row.kind === 'enum' ? text : quote(text);
}

/** One item of a list (`key` is its index), or one name and value of headers, attributes or options. */
function showItem(row: Variable, key: string, item: string | InstrumentationOptions): string {
  if (typeof item !== 'string') return `${key}=${JSON.stringify(item)}`;
  if (row.kind !== 'headers' && row.kind !== 'attributes') return item;
  return `${key}=${row.secret === true ? '[redacted]' : quote(item)}`;
}
