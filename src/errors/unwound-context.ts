import type { Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setTimeout } from '../clock/clock.ts';

interface Unwound {
  /** The innermost context that was left by the throw. */
  readonly left: Context;
  /** The context that is active again after the throw has left the outermost one so far. */
  around: Context;
}

/**
 * A context manager that remembers the context that a throw has just left.
 *
 * When `fn` of `startActiveSpan(fn)` or `context.with` throws, its context is no longer active when the error is recorded. So
 * it is noted in a `finally`: a `catch` that rethrows would change the source line that Node prints. The note is valid for the
 * rest of the current task (an `async` function turns the throw into a rejection, which Node reports after the microtasks) and
 * as long as the surrounding context is active. Entering another context clears it: then the error has been caught.
 */
export class UnwoundContextManager extends AsyncLocalStorageContextManager {
  #unwound: Unwound | undefined;

  /** The innermost context that the current throw has left. */
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
    // A throw leaves the innermost context first; each outer one only updates `around`.
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
