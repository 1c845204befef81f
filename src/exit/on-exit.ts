import { isExiting } from '../node-internals/exiting.ts';
import { beforeReallyExit } from '../node-internals/really-exit.ts';
import { addAroundExitListeners } from './around-exit-listeners.ts';

export interface OnExitOptions {
  /** Delivers what there is; called again it delivers what has come since. */
  readonly deliver: (exitCode: number) => void;
  /** Nothing more will come: says what was lost. */
  readonly conclude: () => void;
  /** The process ends of an error. */
  readonly isFatal: () => boolean;
  /** The event loop has drained, and turns no more unless somebody gives it something to do. */
  readonly onDrained: () => void;
}

export interface ExitWatch {
  /** An error that nobody catches was recorded: if the process is exiting already, nothing else will be called. */
  onFatal(): void;
  /** Puts everything back as it was. */
  stop(): void;
}

/**
 * `process.exit()`, a drained event loop and a crash are one path: the `exit` event, the last JavaScript that runs. Delivery
 * is in the last listener, after those of the application. Five cases need more:
 *
 * - a crash: Node swallows what an exit listener of the application throws then, and calls no further one. So delivery is in
 *   the first listener, and the last one only sends what has come since;
 * - an exit listener that calls `process.exit()`: the process ends there, by `process.reallyExit`;
 * - an exit listener that throws: only `uncaughtExceptionMonitor` is still called;
 * - an exit listener that sets another exit code: the code is read as late as possible;
 * - an exit listener added in the turn in which the process ends: ours are out then. `process.exit()` is followed by
 *   `process.reallyExit`; a crash comes to the monitor first, where ours are put back.
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
