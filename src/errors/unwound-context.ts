import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, ContextManager } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setTimeout } from '../clock/clock.ts';
import { read } from '../values/read.ts';

interface Unwound {
  /** The innermost context that was left by the throw. */
  readonly left: Context;
  /** The context that is active again after the throw has left the outermost one so far. */
  around: Context;
}

/**
 * Remembers the context that a throw has just left.
 *
 * When `fn` of `startActiveSpan(fn)` or `context.with` throws, its context is no longer active when the error is recorded. So
 * it is noted in a `finally`: a `catch` that rethrows would change the source line that Node prints. The note is valid for the
 * rest of the current task (an `async` function turns the throw into a rejection, which Node reports after the microtasks) and
 * as long as the surrounding context is active. Entering another context clears it: then the error has been caught.
 */
class UnwoundContexts {
  #unwound: Unwound | undefined;

  /** The innermost context that the current throw has left. */
  leftBefore(active: Context): Context | undefined {
    return this.#unwound?.around === active ? this.#unwound.left : undefined;
  }

  forget(): void {
    this.#unwound = undefined;
  }

  note(left: Context, around: Context): void {
    // A throw leaves the innermost context first; each outer one only updates `around`.
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

  /**
   * Where the active context is kept: what `Channel.bindStore()` needs, for which the API has nothing. A private field of the base
   * class, whose version is pinned.
   */
  get store(): AsyncLocalStorage<Context> {
    const store = read(this, '_asyncLocalStorage');
    if (store instanceof AsyncLocalStorage) return store;
    throw new TypeError('AsyncLocalStorageContextManager keeps its store elsewhere');
  }

  /** The innermost context that the current throw has left. */
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
