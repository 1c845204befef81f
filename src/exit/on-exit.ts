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
 * is the last listener's, after those of the application. Four ways lead around that:
 *
 * - a crash: Node swallows what an exit listener of the application throws then, and calls no further one. So delivery is
 *   the first listener's, and the last one only sends what has come since;
 * - an exit listener that calls `process.exit()`: the process ends there, by `process.reallyExit`;
 * - an exit listener that throws: only `uncaughtExceptionMonitor` is still called;
 * - an exit listener that sets another exit code: the code is read as late as possible.
 */
export function onExit({ deliver, conclude, isFatal, onDrained }: OnExitOptions): ExitWatch {
  let exiting = false;
  const code = (given: number): number => (typeof process.exitCode === 'number' ? process.exitCode : given);
  const end = (given: number): void => {
    deliver(given);
    conclude();
  };
  const removeListeners = addAroundExitListeners({
    first(given) {
      exiting = true;
      if (isFatal()) deliver(code(given));
    },
    last: (given) => end(code(given)),
    drained: onDrained,
  });
  const restoreReallyExit = onReallyExit((given) => {
    if (exiting) end(given);
  });
  return {
    onFatal() {
      if (exiting) end(code(1));
    },
    stop() {
      removeListeners();
      restoreReallyExit();
    },
  };
}

/** `process.exit()` ends with it; it is looked up at each call, since user land has always replaced it. */
function onReallyExit(before: (exitCode: number) => void): () => void {
  const original: unknown = Reflect.get(process, 'reallyExit');
  if (typeof original !== 'function') return () => {};
  const replacement = function (this: unknown, ...parameters: unknown[]): unknown {
    before(typeof parameters[0] === 'number' ? parameters[0] : 0);
    return Reflect.apply(original, this, parameters);
  };
  Object.defineProperty(replacement, 'name', { value: 'reallyExit' });
  Object.defineProperty(process, 'reallyExit', { configurable: true, writable: true, value: replacement });
  return () => {
    if (Reflect.get(process, 'reallyExit') === replacement) Reflect.set(process, 'reallyExit', original);
  };
}
