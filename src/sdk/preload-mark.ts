const KEY = Symbol.for('swansong.preloaded');
const OWN_KEY = Symbol.for('swansong.own-node-sdk');

/** True the first time in this thread: a second `--import` or `--require` does nothing. */
export function markPreloaded(): boolean {
  if (wasPreloaded()) return false;
  Object.defineProperty(globalThis, KEY, { value: true });
  return true;
}

/** The preload ran in this thread, whether or not an SDK is running (it may be disabled). */
export function wasPreloaded(): boolean {
  return Reflect.get(globalThis, KEY) === true;
}

/** `withSwansong()` was called in this thread, whether or not an SDK is running. */
export function markOwnNodeSdk(): void {
  Reflect.set(globalThis, OWN_KEY, true);
}

export function hasOwnNodeSdk(): boolean {
  return Reflect.get(globalThis, OWN_KEY) === true;
}
