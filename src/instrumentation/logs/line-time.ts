/** A time below this is in seconds: in milliseconds it would be in 1973. */
const SECONDS_BELOW = 1e11;
/** A time below this is none: a program under test may have stopped the clock. */
const FIRST_SECOND = 1e9;

/** The key under which pino writes the time, from what it writes: `,"time":1700000000000`. */
export function timeKeyIn(written: unknown): string | undefined {
  if (typeof written !== 'string') return undefined;
  return written.startsWith(',"time":') ? 'time' : /^,"(?<key>[^"\\]+)":/.exec(written)?.groups?.['key'];
}

/** Milliseconds since 1970; undefined if the value is no time. Seconds are less exact than `now`, if it is the same second. */
export function lineTime(value: unknown, now: number): number | undefined {
  if (typeof value === 'string') {
    const millis = Date.parse(value);
    return millis >= FIRST_SECOND * 1000 ? millis : undefined;
  }
  if (typeof value !== 'number' || value < FIRST_SECOND || value > Number.MAX_SAFE_INTEGER) return undefined;
  if (value >= SECONDS_BELOW) return value;
  return Math.abs(value * 1000 - now) <= 1000 ? now : value * 1000;
}
