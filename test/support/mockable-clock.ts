// In place of src/clock/clock.ts, for tests that mock time: what that takes when it is loaded is looked up here at each call.
//
// vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));
import type * as clock from '../../src/clock/clock.ts';

export const setTimeout = (callback: () => void, millis?: number): NodeJS.Timeout =>
  globalThis.setTimeout(callback, millis);
export const setInterval = (callback: () => void, millis?: number): NodeJS.Timeout =>
  globalThis.setInterval(callback, millis);
export const setImmediate = (callback: () => void): NodeJS.Immediate => globalThis.setImmediate(callback);
export const clearTimeout: typeof clock.clearTimeout = (timer) => globalThis.clearTimeout(timer);
export const clearInterval: typeof clock.clearInterval = (timer) => globalThis.clearInterval(timer);
export const clearImmediate: typeof clock.clearImmediate = (immediate) => globalThis.clearImmediate(immediate);
export const afterMicrotasks = (callback: () => void): void =>
  void Promise.resolve().then(() => process.nextTick(callback));
export const monotonicMillis = (): number => performance.now();
export const unixMillis = (): number => Date.now();
export const processMillis = (): number => Number(process.hrtime.bigint()) / 1e6;
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    globalThis.setImmediate(() => resolve());
  });
