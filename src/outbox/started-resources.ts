import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';

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
      // One made in JavaScript keeps nothing alive itself, and its methods are the application's.
      if (OF_THIS_TURN.has(type) || resource instanceof AsyncResource) return;
      if (this.#inside.getStore() === true) this.#resources.add(resource);
    },
  });

  #activeBefore = 0;

  watch<T>(start: () => T): T {
    this.#activeBefore = countActive();
    this.#hook.enable();
    return this.#inside.run(true, start);
  }

  /**
   * Stops watching, and lets the process end without what has been started.
   * @returns whether something still keeps it alive: what has no `unref()`, such as a file read
   */
  release(): boolean {
    this.#hook.disable();
    const stays = [...this.#resources].filter((resource) => !unref(resource));
    this.#resources.clear();
    // Some of them may have ended: the hook has also been told of a zlib.gzipSync().
    return stays.length > 0 && countActive() > this.#activeBefore;
  }
}

/** Not 0 where nothing keeps the process alive: an idle pipe of stdout is among them. Timers, which have `unref()`, are left out. */
function countActive(): number {
  return process.getActiveResourcesInfo().filter((type) => type !== 'Timeout' && type !== 'Immediate').length;
}

/** @returns false for a resource without `unref()`; timers and handles have it */
function unref(resource: object): boolean {
  const method: unknown = Reflect.get(resource, 'unref');
  if (typeof method !== 'function') return false;
  Reflect.apply(method, resource, []);
  return true;
}
