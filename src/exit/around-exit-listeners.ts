import { EventEmitter } from 'node:events';

type Listener = (code: number) => void;

export interface AroundExitListeners {
  /** Called before the application's `exit` listeners. */
  readonly first: Listener;
  /** Called after the application's `exit` listeners. */
  readonly last: Listener;
  /** Called after the application's `beforeExit` listeners. */
  readonly drained: Listener;
}

export interface ExitListeners {
  /** Adds the listeners again that were removed when the application added one. */
  putBack(): void;
  /** Removes them for good. */
  remove(): void;
}

/**
 * Registers listeners that stay the first and the last, so that what the application's own listeners record is delivered too.
 *
 * `newListener` is emitted before a listener is added. swansong's listeners are then removed, and added again behind it in a
 * microtask, so that Node counts only the application's listeners (the eleventh prints a warning about a leak). They are missing
 * for the rest of the current turn, in which the process can end in two ways: by `process.exit()`, which calls
 * `process.reallyExit`, and by an error, for which `uncaughtExceptionMonitor` is called in time for `putBack()`.
 *
 * @param endIsKnown whether those two can be observed. If not, the listeners stay until the microtask, and the warning may be
 * printed one or two listeners early
 */
export function addAroundExitListeners(
  { first, last, drained }: AroundExitListeners,
  endIsKnown: boolean,
): ExitListeners {
  const listeners = new Map<string, { readonly ahead: readonly Listener[]; readonly behind: readonly Listener[] }>([
    ['exit', { ahead: [first], behind: [last] }],
    ['beforeExit', { ahead: [], behind: [drained] }],
  ]);
  const missing = new Set(listeners.keys());
  const emitter: EventEmitter = process;
  let placing = false;

  const takeOut = (event: string): void => {
    const { ahead = [], behind = [] } = listeners.get(event) ?? {};
    for (const listener of [...ahead, ...behind]) emitter.removeListener(event, listener);
  };
  const place = (event: string): void => {
    const { ahead = [], behind = [] } = listeners.get(event) ?? {};
    for (const listener of ahead) emitter.prependListener(event, listener);
    for (const listener of behind) emitter.on(event, listener);
  };
  const putBack = (): void => {
    placing = true;
    try {
      withoutLimit(() => {
        for (const event of missing) {
          takeOut(event);
          place(event);
        }
      });
    } catch {
      // A `newListener` listener of the application threw. It has already thrown for the application's own listener.
    }
    placing = false;
    missing.clear();
  };

  const onNewListener = (event: unknown): void => {
    if (placing || typeof event !== 'string' || !listeners.has(event)) return;
    if (endIsKnown) takeOut(event);
    if (missing.size === 0) void Promise.resolve().then(putBack);
    missing.add(event);
  };
  emitter.on('newListener', onNewListener);
  putBack();
  return {
    putBack,
    remove() {
      emitter.off('newListener', onNewListener);
      for (const event of listeners.keys()) takeOut(event);
      missing.clear();
    },
  };
}

/** Adds listeners to `process` without Node's warning about a leak. The limit is the process's own, else the default. */
function withoutLimit(add: () => void): void {
  const byDefault = EventEmitter.defaultMaxListeners;
  EventEmitter.defaultMaxListeners = 0;
  // 0 if the process has no limit of its own: then none is set, since the default applies.
  const own = process.getMaxListeners();
  if (own > 0) process.setMaxListeners(0);
  try {
    add();
  } finally {
    if (own > 0) process.setMaxListeners(own);
    EventEmitter.defaultMaxListeners = byDefault;
  }
}
