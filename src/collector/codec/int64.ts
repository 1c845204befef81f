/** 64-bit integers as decimal strings: a JavaScript number holds 53 bits, a timestamp in nanoseconds needs 61. */

export interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

export const INT64: IntegerRange = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
export const UINT64: IntegerRange = { min: 0n, max: 2n ** 64n - 1n };

/** Canonical, and always in range (below 9·10^18, as times of this century in nanoseconds are): no BigInt is needed to check it. */
const PLAIN = /^(?:0|[1-9]\d{0,17}|[1-8]\d{18})$/;
/** Longer than any 64-bit integer, short enough that BigInt() on it costs nothing. */
const DECIMAL = /^-?\d{1,40}$/;

/** @param low and `high`: the halves as unsigned 32-bit numbers */
export function unsignedDecimal(low: number, high: number): string {
  return ((BigInt(high) << 32n) | BigInt(low)).toString();
}

export function signedDecimal(low: number, high: number): string {
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString();
}

/** OTLP/JSON allows a decimal string or a number. A number too large to be exact is refused here: see otlp-json.ts. */
export function decimalFromJson(value: unknown, range: IntegerRange): string | undefined {
  if (typeof value === 'string' && PLAIN.test(value)) return value;
  // In range as well; avoids a BigInt for each bucket of a histogram.
  if (Number.isSafeInteger(value) && Number(value) >= 0) return String(value);
  const integer = toBigInt(value);
  return integer !== undefined && integer >= range.min && integer <= range.max ? integer.toString() : undefined;
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && DECIMAL.test(value) ? BigInt(value) : undefined;
}
