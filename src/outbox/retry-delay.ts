const FIRST_MILLIS = 1000;
const LONGEST_MILLIS = 30_000;

/**
 * How long to wait after the n-th failure in a row: exponential with jitter (OTLP: "an exponential back-off strategy"),
 * 1 s at first, never more than 30 s, each ±20 % so that a fleet does not knock in step.
 */
export function retryDelayMillis(failures: number, random: () => number = Math.random): number {
  const exponential = Math.min(FIRST_MILLIS * 2 ** (failures - 1), LONGEST_MILLIS);
  return exponential * (0.8 + 0.4 * random());
}
