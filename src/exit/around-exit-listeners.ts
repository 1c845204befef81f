import { EventEmitter } from 'node:events';

type ExitListener = (code: number) => void;

/** The ways of adding a listener; `once` and `prependOnceListener` go through them. */
const ADDING = ['on', 'addListener', 'prependListener'] as const;

/**
 * Registers a listener for `exit` that stays the first, and one that stays the last: what the application's own exit
 * listeners record is delivered too.
 */
export function addAroundExitListeners(first: ExitListener, last: ExitListener): void {
  const takeOut = (): void => {
    process.removeListener('exit', first);
    process.removeListener('exit', last);
  };
  const putBack = (): void => {
    // Ours must not be the eleventh, for which Node prints a warning about a leak.
    const limit: unknown = Reflect.get(process, '_maxListeners');
    Reflect.set(process, '_maxListeners', 0);
    EventEmitter.prototype.prependListener.call(process, 'exit', first);
    EventEmitter.prototype.on.call(process, 'exit', last);
    Reflect.set(process, '_maxListeners', limit);
  };
  for (const method of ADDING) {
    const original: unknown = Reflect.get(process, method);
    if (typeof original !== 'function') continue;
    const replacement = function (this: NodeJS.Process, ...parameters: unknown[]): unknown {
      if (parameters[0] !== 'exit') return Reflect.apply(original, this, parameters);
      takeOut();
      try {
        return Reflect.apply(original, this, parameters);
      } finally {
        putBack();
      }
    };
    for (const property of ['name', 'length'] as const) {
      Object.defineProperty(replacement, property, { value: original[property], configurable: true });
    }
    Object.defineProperty(process, method, { value: replacement, configurable: true, writable: true });
  }
  putBack();
}
