/** Far more than a busy machine needs: the whole tour takes about two seconds. */
const BOUND_MILLIS = 10_000;

/**
 * Waits for the promise, at most `millis`.
 * @throws what the promise rejects with, the reason of the interruption, or an `Error` that says what did not happen in time
 */
export async function within<T>(
  promise: Promise<T>,
  what: () => string,
  interruption: AbortSignal,
  millis: number = BOUND_MILLIS,
): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const bound = setTimeout(() => reject(new Error(`after ${millis / 1000} s there was still no ${what()}`)), millis);
  const interrupt = (): void => reject(interruption.reason);
  if (interruption.aborted) interrupt();
  interruption.addEventListener('abort', interrupt);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(bound);
    interruption.removeEventListener('abort', interrupt);
  }
}
