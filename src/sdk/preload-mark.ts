const KEY = Symbol.for('swansong.preloaded');
const OWN_KEY = Symbol.for('swansong.own-node-sdk');

/** True the first time in this thread: a second `--import` or `--require` does nothing. */
export function markPreloaded(): boolean {
  if (wasPreloaded()) return false;
  Object.defineProperty(globalThis, KEY, { value: true });
  return true;
}

/** Whether the preload ran in this thread, even if no SDK is running because it is disabled. */
export function wasPreloaded(): boolean {
  return Reflect.get(globalThis, KEY) === true;
}

/** To be called when `withSwansong()` is called in this thread, whether or not it starts. */
export function markOwnNodeSdk(): void {
  Reflect.set(globalThis, OWN_KEY, true);
}

export function hasOwnNodeSdk(): boolean {
  return Reflect.get(globalThis, OWN_KEY) === true;
}
