const KEY = Symbol.for('swansong.preloaded');

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
