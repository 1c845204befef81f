import type { ErrorRecorder } from './record-error.ts';

/** Modes of `--unhandled-rejections` in which a rejection ends nothing, so that `uncaughtExceptionMonitor` is not told of it. */
const SURVIVING_MODES: ReadonlySet<string> = new Set(['warn', 'none', 'warn-with-error-code']);

export interface RejectionOptions {
  readonly recorder: ErrorRecorder;
  readonly execArgv: readonly string[];
  readonly nodeOptions: string | undefined;
}

/**
 * Records rejections that nobody handles and the process survives: those of the modes above, and those that the application
 * listens to. A listener of ours would change what Node does in every mode; but Node calls `process.emit` whether or not
 * anyone listens. It is wrapped only where there is such a rejection to see, since the wrapper is a frame in the stack of
 * everything that a listener of `process` throws.
 */
export function recordUnhandledRejections({ recorder, execArgv, nodeOptions }: RejectionOptions): () => void {
  let watching = false;
  let unwatch = (): void => {};
  const watch = (): void => {
    if (watching) return;
    watching = true;
    unwatch = watchRejections((reason) => {
      recorder.record(reason, { severity: 'ERROR', attributes: { 'swansong.exception.origin': 'unhandledRejection' } });
    });
  };
  if (SURVIVING_MODES.has(rejectionMode(execArgv, nodeOptions))) watch();
  else if (process.listenerCount('unhandledRejection') > 0) watch();
  const onNewListener = (event: string | symbol): void => {
    if (event === 'unhandledRejection') watch();
  };
  if (!watching) process.on('newListener', onNewListener);
  return () => {
    process.off('newListener', onNewListener);
    unwatch();
  };
}

/** The command line wins over NODE_OPTIONS, the last one over those before. */
function rejectionMode(execArgv: readonly string[], nodeOptions = ''): string {
  const flags = [...nodeOptions.split(/\s+/), ...execArgv].join(' ');
  return [...flags.matchAll(/--unhandled-rejections[= ](?<mode>\S+)/g)].at(-1)?.groups?.['mode'] ?? 'throw';
}

function watchRejections(onRejection: (reason: unknown) => void): () => void {
  const original: unknown = Reflect.get(process, 'emit');
  if (typeof original !== 'function') return () => {};
  const observing = function (this: NodeJS.Process, ...parameters: unknown[]): boolean {
    if (parameters[0] === 'unhandledRejection') onRejection(parameters[1]);
    return Reflect.apply(original, this, parameters);
  };
  Object.defineProperty(observing, 'name', { value: 'emit' });
  Object.defineProperty(process, 'emit', { configurable: true, writable: true, value: observing });
  return () => {
    if (Reflect.get(process, 'emit') === observing) Reflect.deleteProperty(process, 'emit');
  };
}
