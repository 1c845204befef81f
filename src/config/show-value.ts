import { quote, redactUrl } from './redact.ts';
import type { Variable, VariableValue } from './variable.ts';

/** A parsed value for people. Of a secret, only the names of its parts appear. */
export function showValue(row: Variable, value: VariableValue): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return value === Infinity ? 'no limit' : String(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return showText(row, value);
  const items = Object.entries(value).map(([key, item]) => showItem(row, key, item));
  return items.length === 0 ? 'none' : items.join(', ');
}

function showText(row: Variable, text: string): string {
  if (row.secret === true) return '[redacted]';
  if (row.kind === 'url' || row.kind === 'collector') return redactUrl(text);
  return row.kind === 'enum' ? text : quote(text);
}

/** One item of a list, where `key` is its index, or one name and value of headers or attributes. */
function showItem(row: Variable, key: string, item: string): string {
  if (row.kind !== 'headers' && row.kind !== 'attributes') return item;
  return `${key}=${row.secret === true ? '[redacted]' : quote(item)}`;
}
