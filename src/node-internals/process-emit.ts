import { runBefore } from './run-before.ts';

/**
 * That Node reports an unhandled rejection by `process.emit('unhandledRejection', reason, promise)`, looked up on `process` at
 * each call, and whether or not anyone listens. `emit` itself is public, that Node calls it this way is not documented. Seen on
 * Node 22, 24 and 26.
 *
 * There is no other way that changes nothing: a listener of ours would make Node treat every rejection as handled, and
 * `uncaughtExceptionMonitor` is only told of rejections that end the process. Node has no diagnostics channel for them. The
 * replacement stands in the stack of everything that a listener of `process` throws, one frame (`process.emit`).
 *
 * Where Node stops calling it, rejections that the process survives are not recorded; nothing else changes.
 *
 * @returns what takes it back; undefined where it cannot be replaced
 */
export function beforeUnhandledRejection(before: (reason: unknown) => void): (() => void) | undefined {
  return runBefore(process, 'emit', ([event, reason]) => {
    if (event === 'unhandledRejection') before(reason);
  });
}
