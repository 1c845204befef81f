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

/** The ways of adding a listener; `once` and `prependOnceListener` go through them. */
const ADDING = ['on', 'addListener', 'prependListener'] as const;

/**
 * Registers listeners that stay the first and the last: what the application's own record when the process ends is delivered
 * too.
 * @returns what puts everything back as it was
 */
export function addAroundExitListeners({ first, last, drained }: AroundExitListeners): () => void {
  const ours: ReadonlyMap<unknown, { readonly first?: Listener; readonly last: Listener }> = new Map([
    ['exit', { first, last }],
    ['beforeExit', { last: drained }],
  ]);
  const takeOut = (event: string): void => {
    for (const listener of Object.values(ours.get(event) ?? {})) process.removeListener(event, listener);
  };
  const putBack = (event: string): void => {
    const around = ours.get(event);
    if (around === undefined) return;
    // Ours must not be the eleventh, for which Node prints a warning about a leak.
    const limit: unknown = Reflect.get(process, '_maxListeners');
    Reflect.set(process, '_maxListeners', 0);
    if (around.first !== undefined) EventEmitter.prototype.prependListener.call(process, event, around.first);
    EventEmitter.prototype.on.call(process, event, around.last);
    Reflect.set(process, '_maxListeners', limit);
  };
  const replaced = new Map<(typeof ADDING)[number], unknown>();
  for (const method of ADDING) {
    const original: unknown = Reflect.get(process, method);
    if (typeof original !== 'function') continue;
    const replacement = function (this: NodeJS.Process, ...parameters: unknown[]): unknown {
      const [event] = parameters;
      if (typeof event !== 'string' || !ours.has(event)) return Reflect.apply(original, this, parameters);
      takeOut(event);
      try {
        return Reflect.apply(original, this, parameters);
      } finally {
        putBack(event);
      }
    };
    for (const property of ['name', 'length'] as const) {
      Object.defineProperty(replacement, property, { value: original[property], configurable: true });
    }
    Object.defineProperty(process, method, { value: replacement, configurable: true, writable: true });
    replaced.set(method, replacement);
  }
  putBack('exit');
  putBack('beforeExit');
  return () => {
    for (const event of ours.keys()) takeOut(String(event));
    // They stand on the prototype; what somebody has put over ours since is left alone.
    for (const [method, replacement] of replaced)
      if (Reflect.get(process, method) === replacement) Reflect.deleteProperty(process, method);
  };
}
