import { EventEmitter } from 'node:events';

/**
 * Registers a listener for `exit` that stays the last one, so that what the application's own exit listeners record is
 * delivered too. `once` goes through `on`; the prepending ways come first by themselves.
 */
export function addLastExitListener(listener: (code: number) => void): void {
  const takeOut = (): void => {
    process.removeListener('exit', listener);
  };
  const putLast = (): void => {
    // Ours must not be the eleventh, for which Node prints a warning about a leak.
    const limit: unknown = Reflect.get(process, '_maxListeners');
    Reflect.set(process, '_maxListeners', 0);
    EventEmitter.prototype.on.call(process, 'exit', listener);
    Reflect.set(process, '_maxListeners', limit);
  };
  for (const method of ['on', 'addListener'] as const) {
    const original: unknown = Reflect.get(process, method);
    if (typeof original !== 'function') continue;
    const replacement = function (this: NodeJS.Process, ...parameters: unknown[]): unknown {
      if (parameters[0] !== 'exit') return Reflect.apply(original, this, parameters);
      takeOut();
      try {
        return Reflect.apply(original, this, parameters);
      } finally {
        putLast();
      }
    };
    for (const property of ['name', 'length'] as const) {
      Object.defineProperty(replacement, property, { value: original[property], configurable: true });
    }
    Object.defineProperty(process, method, { value: replacement, configurable: true, writable: true });
  }
  putLast();
}
