import { runBefore } from './run-before.ts';

/**
 * `process.reallyExit(code)`, undocumented: the last thing that `process.exit()` calls, looked up on `process` at each call
 * because programs have always replaced it (Node's source says so). In a worker thread it ends the thread. Seen on Node 22, 24
 * and 26.
 *
 * There is no public hook at this point: an `exit` listener that calls `process.exit()` ends the process without the listeners
 * behind it.
 *
 * @returns a function that restores the original; undefined if it is missing: then `before` is never called, only `exit` listeners are
 */
export function beforeReallyExit(before: (exitCode: number) => void): (() => void) | undefined {
  return runBefore(process, 'reallyExit', ([exitCode]) => before(typeof exitCode === 'number' ? exitCode : 0));
}
