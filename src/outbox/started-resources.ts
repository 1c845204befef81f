import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/** They are done within the current turn of the event loop, and do not keep a process alive. */
const OF_THIS_TURN: ReadonlySet<string> = new Set(['PROMISE', 'TickObject', 'Microtask']);

/**
 * The resources that a function starts, directly or later: timers, sockets, requests of the file system. The hook slows down every
 * promise, so it is used only at the end of a process.
 */
export class StartedResources {
  readonly #resources = new Set<object>();
  readonly #inside = new AsyncLocalStorage<true>();
  readonly #hook = createHook({
    init: (_id, type, _trigger, resource) => {
      if (!OF_THIS_TURN.has(type) && this.#inside.getStore() === true) this.#resources.add(resource);
    },
  });

  /** Whether one of them keeps the process alive. */
  get keepAlive(): boolean {
    return [...this.#resources].some((resource) => call(resource, 'hasRef') ?? true);
  }

  watch<T>(start: () => T): T {
    this.#hook.enable();
    return this.#inside.run(true, start);
  }

  /** Stops watching. Resources still in use no longer keep the process alive, except for those without `unref()`, such as a file read. */
  release(): void {
    this.#hook.disable();
    for (const resource of this.#resources) call(resource, 'unref');
    this.#resources.clear();
  }
}

/** Timers and handles have both methods. Of a timer that has been cleared or has fired, `hasRef` stays true (Node 22, 24 and 26). */
function call(resource: object, name: 'hasRef' | 'unref'): boolean | undefined {
  const method: unknown = Reflect.get(resource, name);
  return typeof method === 'function' ? Boolean(Reflect.apply(method, resource, [])) : undefined;
}
