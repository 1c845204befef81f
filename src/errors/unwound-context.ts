import type { Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

interface Unwound {
  /** The innermost context that the throw left. */
  readonly left: Context;
  /** The context around the outermost one that it left: where its catcher, or nobody, is. */
  around: Context;
}

/**
 * A context manager that remembers the context a throw has just left.
 *
 * When `startActiveSpan(fn)` or `context.with` is left by a throw, the context is gone before anyone learns of the error. It
 * is noted in a `finally`: a `catch` that rethrows would move the source line that Node prints. The note holds for the rest
 * of the running task (an `async` function turns the throw into a rejection, which Node reports after the microtasks) and
 * while the context around it is the active one; entering another context ends it, which is the work of code that has dealt
 * with the error.
 */
export class UnwoundContextManager extends AsyncLocalStorageContextManager {
  #unwound: Unwound | undefined;

  /** The innermost context that the throw under way has left. */
  get unwound(): Context | undefined {
    return this.#unwound?.around === this.active() ? this.#unwound.left : undefined;
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
    const around = this.active();
    // The innermost leaves first; the others only widen what is around it.
    if (this.#unwound?.around === context) {
      this.#unwound.around = around;
      return;
    }
    const unwound: Unwound = { left: context, around };
    this.#unwound = unwound;
    setTimeout(() => {
      if (this.#unwound === unwound) this.#unwound = undefined;
    }, 0).unref();
  }
}
