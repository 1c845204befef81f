import { AsyncLocalStorage } from 'node:async_hooks';
import { isObjectOrFunction } from '../values/is-object.ts';

/** Errors, reported by nested calls, that one call remembers because they may still propagate through it. */
const MAX_REMEMBERED = 16;

/** One running `recoverAndReport`, and the errors that nested calls have reported. */
class Call {
  #outer: Call | undefined;
  readonly #reportedInside = new Set<unknown>();

  constructor(outer: Call | undefined) {
    this.#outer = outer;
  }

  /** Drops all references: in a chain of timers that each start the next, every call would keep the ones before it alive. */
  end(): void {
    this.#outer = undefined;
    this.#reportedInside.clear();
  }

  fail(error: unknown, report: (error: unknown) => void): void {
    if (this.#reportedInside.has(error) || tryToReport(error, report)) this.#outer?.remember(error);
    this.end();
  }

  remember(error: unknown): void {
    this.#reportedInside.add(error);
    for (const oldest of this.#reportedInside) {
      if (this.#reportedInside.size <= MAX_REMEMBERED) break;
      this.#reportedInside.delete(oldest);
    }
  }
}

/** What `recoverAndReport` returns for a function that returns `T`. */
export type Recovered<T> = T extends PromiseLike<infer V> ? Promise<V> : T;

const currentCall = new AsyncLocalStorage<Call | undefined>();

/**
 * Runs `fn`, passes the error that it throws or rejects with to `report`, and throws the same value again, `undefined` included.
 * The result of `fn` is returned unchanged, with one exception:
 *
 * for a promise or any other thenable a new promise is returned, which settles the same way. To observe a rejection is to handle
 * it, so the caller needs a promise whose rejection is still unhandled; and `then` of a lazy thenable (a query) must be called
 * only once.
 *
 * Of nested calls only the innermost reports an error: while the outer call runs, an error that was reported inside it is
 * recognised by identity, a primitive by value. If `report` throws, that is ignored and the outer call reports again.
 *
 * If nobody catches the error, the source line that Node prints above its stack is not that of the first throw: V8 keeps only
 * that of the last one, and for a rejection none once the stack has been read, which reporting does.
 *
 * @param report e.g. the running SDK's `reportError`; runs in the context of the call
 * @example
 * const order = await recoverAndReport(() => loadOrder(id), (error) => sdk.reportError(error));
 */
export function recoverAndReport<T>(fn: () => T, report: (error: unknown) => void): Recovered<T>;
export function recoverAndReport(fn: () => unknown, report: (error: unknown) => void): unknown {
  const outer = currentCall.getStore();
  const call = new Call(outer);
  let result: unknown;
  try {
    // Not `run`: it would add a frame to the stacks of errors from `fn`.
    currentCall.enterWith(call);
    result = fn();
  } catch (error) {
    currentCall.enterWith(outer);
    call.fail(error, report);
    throw error;
  }
  currentCall.enterWith(outer);
  if (isThenable(result)) return reportRejection(result, call, report);
  call.end();
  return result;
}

/** An async function, so that the stacks of later errors contain the callers that `await` it. */
async function reportRejection(
  pending: PromiseLike<unknown>,
  call: Call,
  report: (error: unknown) => void,
): Promise<unknown> {
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
    // The caller must get the application's error, not this one, and there is nowhere to report it.
    return false;
  }
}

/** False for an object whose `then` cannot be read: the caller gets it unchanged. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (!isObjectOrFunction(value)) return false;
  try {
    return typeof Reflect.get(value, 'then') === 'function';
  } catch {
    return false;
  }
}
