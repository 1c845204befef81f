import { isMainThread } from 'node:worker_threads';
import { diag } from '@opentelemetry/api';
import type { ProcessFacts } from './process-facts.ts';
import type { ErrorRecorder } from './record-error.ts';
import type { RecordedError } from './recorded-errors.ts';

export interface UncaughtOptions {
  readonly recorder: Pick<ErrorRecorder, 'record'>;
  readonly facts: ProcessFacts;
  /** Called when the error ends the process, or this worker thread. */
  readonly onFatal: (recorded: RecordedError) => void;
}

/**
 * Records uncaught errors. Node emits `uncaughtExceptionMonitor` first, and a listener of it changes nothing; then the `exit`
 * listeners deliver. No I/O happens here, and nothing may be thrown: that would change the exit code to 7.
 * @returns removes the listener
 */
export function recordUncaughtErrors({ recorder, facts, onFatal }: UncaughtOptions): () => void {
  const onUncaught = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void => {
    try {
      const fatal = !isHandled();
      const recorded = recorder.record(error, {
        // In a worker only the thread ends. Whether the process ends too is decided, and recorded, in the parent thread.
        severity: fatal && isMainThread ? 'FATAL' : 'ERROR',
        attributes: { 'swansong.exception.origin': origin, ...(fatal ? facts() : {}) },
      });
      if (fatal) onFatal(recorded);
    } catch (failure) {
      diag.error('an uncaught error could not be recorded', failure);
    }
  };
  process.on('uncaughtExceptionMonitor', onUncaught);
  return () => void process.off('uncaughtExceptionMonitor', onUncaught);
}

/** After `uncaughtExceptionMonitor` the process may survive: by a listener, a capture callback or a domain. */
function isHandled(): boolean {
  return process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
}
