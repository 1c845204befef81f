import type { Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

/**
 * A context manager that remembers the context a throw has just left.
 *
 * When `startActiveSpan(fn)` or `context.with` is left by a throw, the context is gone before anyone learns of the error. It
 * is noted in a `finally`: a `catch` that rethrows would move the source line that Node prints. The note holds until the
 * running task ends, or another context is entered, which is the work of code that has dealt with the error.
 */
export class UnwoundContextManager extends AsyncLocalStorageContextManager {
  #unwound: Context | undefined;

  /** The innermost context that the throw under way has left. */
  get unwound(): Context | undefined {
    return this.#unwound;
  }

  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    this.#unwound = undefined;
    let left = true;
    try {
      const result = super.with(context, fn, thisArg, ...args);
      left = false;
      return result;
    } finally {
      if (left) this.#note(context);
    }
  }

  #note(context: Context): void {
    // The innermost leaves first.
    if (this.#unwound !== undefined) return;
    this.#unwound = context;
    queueMicrotask(() => {
      this.#unwound = undefined;
    });
  }
}
