import type { Context, ContextManager } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

interface Unwound {
  /** The innermost context that the throw left. */
  readonly left: Context;
  /** The context around the outermost one that it left: where its catcher, or nobody, is. */
  around: Context;
}

/**
 * Remembers the context a throw has just left.
 *
 * When `startActiveSpan(fn)` or `context.with` is left by a throw, the context is gone before anyone learns of the error. It
 * is noted in a `finally`: a `catch` that rethrows would move the source line that Node prints. The note holds for the rest
 * of the running task (an `async` function turns the throw into a rejection, which Node reports after the microtasks) and
 * while the context around it is the active one; entering another context ends it, which is the work of code that has dealt
 * with the error.
 */
class UnwoundContexts {
  #unwound: Unwound | undefined;

  /** The innermost context that the throw under way has left. */
  leftBefore(active: Context): Context | undefined {
    return this.#unwound?.around === active ? this.#unwound.left : undefined;
  }

  forget(): void {
    this.#unwound = undefined;
  }

  note(left: Context, around: Context): void {
    // The innermost leaves first; the others only widen what is around it.
    if (this.#unwound?.around === left) {
      this.#unwound.around = around;
      return;
    }
    const unwound: Unwound = { left, around };
    this.#unwound = unwound;
    setTimeout(() => {
      if (this.#unwound === unwound) this.#unwound = undefined;
    }, 0).unref();
  }
}

/** A context manager that remembers the context a throw has just left. */
export class UnwoundContextManager extends AsyncLocalStorageContextManager {
  readonly #contexts = new UnwoundContexts();

  /** The innermost context that the throw under way has left. */
  get unwound(): Context | undefined {
    return this.#contexts.leftBefore(this.active());
  }

  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    this.#contexts.forget();
    let left = true;
    try {
      const result = super.with(context, fn, thisArg, ...args);
      left = false;
      return result;
    } finally {
      if (left) this.#contexts.note(context, this.active());
    }
  }
}

/** Has a context manager of somebody else remember the same. @returns what `UnwoundContextManager.unwound` is */
export function noteUnwinding(manager: ContextManager): () => Context | undefined {
  const contexts = new UnwoundContexts();
  const enter = manager.with.bind(manager);
  const noting: Pick<ContextManager, 'with'> = {
    with(context, fn, thisArg, ...args) {
      contexts.forget();
      let left = true;
      try {
        const result = enter(context, fn, thisArg, ...args);
        left = false;
        return result;
      } finally {
        if (left) contexts.note(context, manager.active());
      }
    },
  };
  Object.defineProperty(manager, 'with', { configurable: true, writable: true, value: noting.with });
  return () => contexts.leftBefore(manager.active());
}
