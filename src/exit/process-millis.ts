// Taken at start: tests of applications replace it.
const hrtime = process.hrtime.bigint.bind(process.hrtime);

/** Monotonic, with the same origin in all threads of the process; that of `performance.now()` is another one in each. */
export function processMillis(): number {
  return Number(hrtime()) / 1e6;
}
