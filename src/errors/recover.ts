import { AsyncLocalStorage } from 'node:async_hooks';

/** Errors that calls inside a call have reported, and that may still be on their way out of it. More than enough. */
const MAX_PASSING = 16;

/** One `recoverAndReport` under way, and what the calls inside it have reported. */
class Call {
  #outer: Call | undefined;
  readonly #passing = new Set<unknown>();

  constructor(outer: Call | undefined) {
    this.#outer = outer;
  }

  /** The call is over. A chain of timers that each start the next must not keep every call before. */
  end(): void {
    this.#outer = undefined;
    this.#passing.clear();
  }

  fail(error: unknown, report: (error: unknown) => void): void {
    if (this.#passing.has(error) || tryToReport(error, report)) this.#outer?.pass(error);
    this.end();
  }

  pass(error: unknown): void {
    this.#passing.add(error);
    for (const oldest of this.#passing) {
      if (this.#passing.size <= MAX_PASSING) break;
      this.#passing.delete(oldest);
    }
  }
}

/** What `recoverAndReport` makes of what its function returns. */
export type Recovered<T> = T extends PromiseLike<infer V> ? Promise<V> : T;

const underWay = new AsyncLocalStorage<Call | undefined>();

/**
 * Runs `fn` and reports the error it throws, or rejects with, to `report`; then the very same value goes on to the caller,
 * `undefined` included. What `fn` returns is returned as it is, with one exception:
 *
 * a promise, or any other thenable, comes back as a new promise that settles alike. To learn of a rejection is to handle it, so
 * the caller must get the one that is left to be handled, and a thenable that starts its work when it is asked (a query) must
 * be asked once.
 *
 * Of nested calls only the innermost reports: an error is known by its identity, and what is no object by its value,
 * for as long as the call around it lasts. A report that throws is ignored, and the call around reports again.
 *
 * If nobody catches the error, the line of source that Node shows above its stack is not that of the first throw: V8 knows
 * the last one only, and forgets it when somebody (who reports it) reads the stack of a rejection.
 *
 * @param report e.g. the running SDK's `reportError`; runs in the context of the call
 * @example
 * const order = await recoverAndReport(() => loadOrder(id), (error) => sdk.reportError(error));
 */
export function recoverAndReport<T>(fn: () => T, report: (error: unknown) => void): Recovered<T>;
export function recoverAndReport(fn: () => unknown, report: (error: unknown) => void): unknown {
  const outer = underWay.getStore();
  const call = new Call(outer);
  let result: unknown;
  try {
    // Not `run`, which would be one more frame in the stacks of what `fn` throws.
    underWay.enterWith(call);
    result = fn();
  } catch (error) {
    underWay.enterWith(outer);
    call.fail(error, report);
    throw error;
  }
  underWay.enterWith(outer);
  if (isThenable(result)) return settle(result, call, report);
  call.end();
  return result;
}

/** An async function: the callers that `await` it stay in the stacks of later errors. */
async function settle(pending: PromiseLike<unknown>, call: Call, report: (error: unknown) => void): Promise<unknown> {
  try {
    const value = await pending;
    call.end();
    return value;
  } catch (error) {
    call.fail(error, report);
    throw error;
  }
}

function tryToReport(error: unknown, report: (error: unknown) => void): boolean {
  try {
    report(error);
    return true;
  } catch {
    // The application's error is the one to go on, and there is nowhere to report this one.
    return false;
  }
}

/** An object whose `then` cannot be read is not asked again: the caller gets it as it is. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  try {
    return typeof Reflect.get(value, 'then') === 'function';
  } catch {
    return false;
  }
}
