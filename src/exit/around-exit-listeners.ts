import { EventEmitter } from 'node:events';

type Listener = (code: number) => void;

export interface AroundExitListeners {
  /** Before those of the application for `exit`. */
  readonly first: Listener;
  /** After them. */
  readonly last: Listener;
  /** After those of the application for `beforeExit`. */
  readonly drained: Listener;
}

export interface ExitListeners {
  /** Registers again what an addition of the application has taken out. */
  putBack(): void;
  /** Removes them for good. */
  remove(): void;
}

/**
 * Registers listeners that stay the first and the last, so that what the application's own listeners record is delivered too.
 *
 * `newListener` is emitted before a listener is added. Ours are taken out then and put back behind it in a microtask, so that
 * Node counts the application's listeners only (the eleventh prints a warning about a leak). They are out for the rest of the
 * running turn, in which two ends are possible: `process.exit()`, of which `process.reallyExit` tells, and an error, of which
 * `uncaughtExceptionMonitor` tells in time for `putBack()`.
 *
 * @param endIsKnown whether those two are there. Without them ours stay in until the microtask, which may print the warning one
 * or two listeners early
 */
export function addAroundExitListeners(
  { first, last, drained }: AroundExitListeners,
  endIsKnown: boolean,
): ExitListeners {
  const ours = new Map<string, { readonly ahead: readonly Listener[]; readonly behind: readonly Listener[] }>([
    ['exit', { ahead: [first], behind: [last] }],
    ['beforeExit', { ahead: [], behind: [drained] }],
  ]);
  const out = new Set(ours.keys());
  const emitter: EventEmitter = process;
  let placing = false;

  const takeOut = (event: string): void => {
    const { ahead = [], behind = [] } = ours.get(event) ?? {};
    for (const listener of [...ahead, ...behind]) emitter.removeListener(event, listener);
  };
  const place = (event: string): void => {
    const { ahead = [], behind = [] } = ours.get(event) ?? {};
    for (const listener of ahead) emitter.prependListener(event, listener);
    for (const listener of behind) emitter.on(event, listener);
  };
  const putBack = (): void => {
    placing = true;
    try {
      withoutLimit(() => {
        for (const event of out) {
          takeOut(event);
          place(event);
        }
      });
    } catch {
      // A `newListener` listener of the application threw. It has thrown for the application's own listener already.
    }
    placing = false;
    out.clear();
  };

  const onNewListener = (event: unknown): void => {
    if (placing || typeof event !== 'string' || !ours.has(event)) return;
    if (endIsKnown) takeOut(event);
    if (out.size === 0) void Promise.resolve().then(putBack);
    out.add(event);
  };
  emitter.on('newListener', onNewListener);
  putBack();
  return {
    putBack,
    remove() {
      emitter.off('newListener', onNewListener);
      for (const event of ours.keys()) takeOut(event);
      out.clear();
    },
  };
}

/** Adds listeners to `process` without Node's warning about a leak. The limit that holds is the process's own or the default. */
function withoutLimit(add: () => void): void {
  const byDefault = EventEmitter.defaultMaxListeners;
  EventEmitter.defaultMaxListeners = 0;
  // 0 without a limit of its own, which is then not to be set: the process follows the default.
  const own = process.getMaxListeners();
  if (own > 0) process.setMaxListeners(0);
  try {
    add();
  } finally {
    if (own > 0) process.setMaxListeners(own);
    EventEmitter.defaultMaxListeners = byDefault;
  }
}
