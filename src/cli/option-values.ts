import { HOST_PATTERN, isHostPattern } from '../request/allowed-hosts.ts';
import { UsageError } from './usage.ts';

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const AGE_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @throws UsageError naming the option, the value and what was expected; so do the others */
export function integer(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option}: expected an integer from ${min} to ${max} (got ${JSON.stringify(text)})`);
}

/** Bytes. */
export function size(option: string, text: string, max: number): number {
  const value = measure(text, SIZE_UNITS);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new UsageError(
    `${option}: expected a size from 1 to ${max} bytes, such as 65536, 512KiB or 64MiB (got ${JSON.stringify(text)})`,
  );
}

export function sizeOrNone(option: string, text: string): number {
  return text === 'none' ? Infinity : size(option, text, Number.MAX_SAFE_INTEGER);
}

/** Milliseconds. */
export function age(option: string, text: string, max: number): number {
  const value = measure(text, AGE_UNITS);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new UsageError(
    `${option}: expected a time from 1 to ${max} ms with its unit, such as 500ms, 30s or 12h (got ${JSON.stringify(text)})`,
  );
}

export function ageOrNone(option: string, text: string): number {
  return text === 'none' ? Infinity : age(option, text, Number.MAX_SAFE_INTEGER);
}

export function oneOf<Value extends string>(option: string, text: string, values: readonly Value[]): Value {
  const value = values.find((candidate) => candidate === text);
  if (value !== undefined) return value;
  throw new UsageError(`${option}: expected one of ${values.join(', ')} (got ${JSON.stringify(text)})`);
}

/** Scheme, host and port of a page, as browsers send it in `Origin`; `*` for all. */
export function origin(option: string, text: string): string {
  if (text === '*' || (URL.canParse(text) && new URL(text).origin === text)) return text;
  throw new UsageError(
    `${option}: expected an origin such as https://app.example or http://localhost:5173, or * (got ${JSON.stringify(text)})`,
  );
}

/** Compared with the host of a request, without its port. */
export function allowedHost(option: string, text: string): string {
  if (isHostPattern(text)) return text;
  throw new UsageError(`${option}: expected ${HOST_PATTERN} (got ${JSON.stringify(text)})`);
}

function measure(text: string, units: Readonly<Record<string, number>>): number {
  const [, digits, unit = ''] = /^(\d+)([A-Za-z]*)$/.exec(text) ?? [];
  return Number(digits) * (Object.hasOwn(units, unit) ? (units[unit] ?? Number.NaN) : Number.NaN);
}
