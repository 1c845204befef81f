import { runBefore } from './run-before.ts';

/**
 * That Node reports an unhandled rejection by `process.emit('unhandledRejection', reason, promise)`, looked up on `process` at
 * each call, and whether or not anyone listens. `emit` itself is public, that Node calls it this way is not documented. Seen on
 * Node 22, 24 and 26.
 *
 * No other way leaves Node's behaviour unchanged: a listener would make Node treat every rejection as handled, and
 * `uncaughtExceptionMonitor` receives only rejections that end the process. Node has no diagnostics channel for them. The
 * replacement adds one frame (`process.emit`) to the stack trace of every error that a listener of `process` throws.
 *
 * Where Node stops calling it, rejections that the process survives are not recorded; nothing else changes.
 *
 * @returns a function that restores the original; undefined if it cannot be replaced
 */
export function beforeUnhandledRejection(before: (reason: unknown) => void): (() => void) | undefined {
  return runBefore(process, 'emit', ([event, reason]) => {
    if (event === 'unhandledRejection') before(reason);
  });
}
