import { isExiting } from '../node-internals/exiting.ts';
import { beforeReallyExit } from '../node-internals/really-exit.ts';
import { addAroundExitListeners } from './around-exit-listeners.ts';

export interface OnExitOptions {
  /** Delivers everything that waits; a second call delivers what was added since. */
  readonly deliver: (exitCode: number) => void;
  /** Called when nothing more can be added, to report what was lost. */
  readonly conclude: () => void;
  /** Whether the process ends because of an error. */
  readonly isFatal: () => boolean;
  /** Called when the event loop has drained, which a listener may still give new work (`beforeExit`). */
  readonly onDrained: () => void;
}

export interface ExitWatch {
  /** To be called when an uncaught error was recorded. If the process is exiting already, this is the last chance to deliver. */
  onFatal(): void;
  /** Removes the listeners and restores what was replaced. */
  stop(): void;
}

/**
 * `process.exit()`, a drained event loop and a crash are one path: the `exit` event, the last JavaScript that runs. Delivery
 * is in the last listener, after those of the application. Five cases need more:
 *
 * - a crash: if an exit listener of the application throws then, Node ignores the error and calls no further listener. So the first
 *   listener delivers, and the last one only sends what was added since;
 * - an exit listener that calls `process.exit()`: the process ends there, by `process.reallyExit`;
 * - an exit listener that throws: only `uncaughtExceptionMonitor` is still called;
 * - an exit listener that sets another exit code: the code is read as late as possible;
 * - an exit listener added in the turn in which the process ends: swansong's listeners are removed for that turn.
 *   `process.exit()` then calls `process.reallyExit`; a crash first calls the monitor, where they are added again.
 */
export function onExit({ deliver, conclude, isFatal, onDrained }: OnExitOptions): ExitWatch {
  let exiting = false;
  const code = (given: number): number => (typeof process.exitCode === 'number' ? process.exitCode : given);
  const end = (given: number): void => {
    deliver(given);
    conclude();
  };
  const restoreReallyExit = beforeReallyExit(end);
  const listeners = addAroundExitListeners(
    {
      first(given) {
        exiting = true;
        if (isFatal()) deliver(code(given));
      },
      last: (given) => end(code(given)),
      drained: onDrained,
    },
    restoreReallyExit !== undefined,
  );
  return {
    onFatal() {
      listeners.putBack();
      if (exiting || isExiting()) end(code(1));
    },
    stop() {
      listeners.remove();
      restoreReallyExit?.();
    },
  };
}
