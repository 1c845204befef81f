import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/** They end with the microtasks and ticks, and keep no process alive. */
const OF_THIS_TURN: ReadonlySet<string> = new Set(['PROMISE', 'TickObject', 'Microtask']);

/**
 * What a function starts, also later on: timers, sockets, requests of the file system. The hook costs time with every promise, so
 * it is for the end of a process only.
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

  /** Ends watching. What is still at work no longer keeps the process alive, where Node can do that: not reading a file. */
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
