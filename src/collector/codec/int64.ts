/** 64-bit integers as decimal strings: a JavaScript number holds 53 bits, a timestamp in nanoseconds needs 61. */

export interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

export const INT64: IntegerRange = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
export const UINT64: IntegerRange = { min: 0n, max: 2n ** 64n - 1n };

/** Canonical, and always in range (below 9·10^18, as times of this century in nanoseconds are): no BigInt is needed to check it. */
const PLAIN = /^(?:0|[1-9]\d{0,17}|[1-8]\d{18})$/;
/** Digits, a fraction and an exponent: ProtoJSON takes an exponent, in quotes or not, and any notation of an integral value. */
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const TRAILING_ZEROS = /0*$/;
/** Longer than any 64-bit integer needs, short enough that reading it costs nothing. */
const MAX_CHARACTERS = 100;
/** Digits; more than any 64-bit integer has. */
const MAX_DIGITS = 40;

/** @param low and `high`: the halves as unsigned 32-bit numbers */
export function unsignedDecimal(low: number, high: number): string {
  return ((BigInt(high) << 32n) | BigInt(low)).toString();
}

export function signedDecimal(low: number, high: number): string {
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString();
}

/**
 * The integer that a number in JSON stands for, exactly: `1.7e18` is one, `1.5` is not.
 * @returns undefined also for integers of more than 40 digits
 */
export function exactInteger(text: string): bigint | undefined {
  const match = text.length <= MAX_CHARACTERS ? NUMBER.exec(text) : null;
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`;
  const significant = digits.replace(TRAILING_ZEROS, '');
  if (/^0*$/.test(significant)) return 0n;
  const zeros = Number(exponent) - fraction.length + digits.length - significant.length;
  if (zeros < 0 || significant.length + zeros > MAX_CHARACTERS) return undefined;
  const integer = BigInt(`${sign}${significant}${'0'.repeat(zeros)}`);
  return integer.toString().length <= MAX_DIGITS ? integer : undefined;
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
  return typeof value === 'string' ? exactInteger(value) : undefined;
}
