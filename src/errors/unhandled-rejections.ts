import { beforeUnhandledRejection } from '../node-internals/process-emit.ts';
import type { ErrorRecorder } from './record-error.ts';

/** Modes of `--unhandled-rejections` in which a rejection ends nothing, so that `uncaughtExceptionMonitor` is not told of it. */
const SURVIVING_MODES: ReadonlySet<string> = new Set(['warn', 'none', 'warn-with-error-code']);

export interface RejectionOptions {
  readonly recorder: ErrorRecorder;
  readonly execArgv: readonly string[];
  readonly nodeOptions: string | undefined;
}

/**
 * Records rejections that nobody handles and that the process survives: those of the modes above, and those that the application
 * listens to. A listener of ours would change what Node does in every mode, so `process.emit` is replaced: in the modes above at
 * the start, else when the application first adds a listener for `unhandledRejection`, from then on. Not earlier, since the
 * replacement is a frame in the stack of everything that a listener of `process` throws.
 */
export function recordUnhandledRejections({ recorder, execArgv, nodeOptions }: RejectionOptions): () => void {
  let watching = false;
  let unwatch: (() => void) | undefined;
  const watch = (): void => {
    if (watching) return;
    watching = true;
    unwatch = beforeUnhandledRejection((reason) => {
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
    unwatch?.();
  };
}

/** The command line wins over NODE_OPTIONS, the last one over those before. */
function rejectionMode(execArgv: readonly string[], nodeOptions = ''): string {
  const flags = [...nodeOptions.split(/\s+/), ...execArgv].join(' ');
  return [...flags.matchAll(/--unhandled-rejections[= ](?<mode>\S+)/g)].at(-1)?.groups?.['mode'] ?? 'throw';
}
