import { performance } from 'node:perf_hooks';
import timers from 'node:timers';

/** The functions are called without `this`. */
interface Clock {
  readonly setTimeout: (callback: () => void, millis?: number) => NodeJS.Timeout;
  readonly clearTimeout: (timer: NodeJS.Timeout | undefined) => void;
  readonly setInterval: (callback: () => void, millis?: number) => NodeJS.Timeout;
  readonly clearInterval: (timer: NodeJS.Timeout | undefined) => void;
  readonly setImmediate: (callback: () => void) => NodeJS.Immediate;
  readonly clearImmediate: (immediate: NodeJS.Immediate | undefined) => void;
  readonly nextTick: (callback: () => void) => void;
  readonly monotonicMillis: () => number;
  readonly unixMillis: () => number;
  readonly processNanos: () => bigint;
}

/** The preload (CommonJS) and the modules that applications import (ESM) are several bundles, loaded at different times. */
const KEY = Symbol.for('swansong.clock');

const clock = takeClock();

// Node's own clock and timers, as they were when the first bundle of swansong was loaded. Tests of applications replace those
// of the global object, of `node:timers` and of `process` (node:test, sinon, vitest, jest): swansong must measure and wait in
// real time nevertheless. So no other file uses the globals; lint enforces it.
export const setTimeout: Clock['setTimeout'] = clock.setTimeout;
export const clearTimeout: Clock['clearTimeout'] = clock.clearTimeout;
export const setInterval: Clock['setInterval'] = clock.setInterval;
export const clearInterval: Clock['clearInterval'] = clock.clearInterval;
export const setImmediate: Clock['setImmediate'] = clock.setImmediate;
export const clearImmediate: Clock['clearImmediate'] = clock.clearImmediate;

/** Milliseconds since this thread started. */
export const monotonicMillis: () => number = clock.monotonicMillis;
/** Milliseconds since 1970; the clock may be set meanwhile. */
export const unixMillis: () => number = clock.unixMillis;
/** Monotonic, with the same origin in all threads of the process; `monotonicMillis` has another origin in each thread. */
export function processMillis(): number {
  return Number(clock.processNanos()) / 1e6;
}

/** Calls it in this turn of the event loop, after all microtasks: promises that wait only for other promises have settled. */
export function afterMicrotasks(callback: () => void): void {
  // Node runs all microtasks, including those that they add, before a tick that one of them schedules.
  void Promise.resolve().then(() => clock.nextTick(callback));
}

/** Resolves in the check phase of the event loop, after it has polled for I/O. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => resolve());
  });
}

function takeClock(): Clock {
  const found: unknown = Reflect.get(globalThis, KEY);
  if (isClock(found)) return found;
  // Copied: tests also replace the module's properties, and with `syncBuiltinESMExports()` its named exports.
  const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = timers;
  const taken: Clock = {
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    setImmediate,
    clearImmediate,
    nextTick: process.nextTick.bind(process),
    monotonicMillis: performance.now.bind(performance),
    unixMillis: Date.now.bind(Date),
    processNanos: process.hrtime.bigint.bind(process.hrtime),
  };
  Object.defineProperty(globalThis, KEY, { value: taken, configurable: true });
  return taken;
}

function isClock(value: unknown): value is Clock {
  return typeof value === 'object' && value !== null && 'processNanos' in value;
}
