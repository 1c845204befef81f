import { isMainThread } from 'node:worker_threads';
import { diag } from '@opentelemetry/api';
import type { ProcessFacts } from './process-facts.ts';
import type { ErrorRecorder, RecordedError } from './record-error.ts';

export interface UncaughtOptions {
  readonly recorder: ErrorRecorder;
  readonly facts: ProcessFacts;
  /** The process (or this thread) is about to end of this error. */
  readonly onFatal: (recorded: RecordedError) => void;
}

/**
 * Records what nobody catches. Node tells `uncaughtExceptionMonitor` first and changes nothing for it; the `exit` listeners
 * come next, and deliver. No I/O happens here, and nothing may be thrown: that would turn the exit code into 7.
 * @returns what ends it
 */
export function recordUncaughtErrors({ recorder, facts, onFatal }: UncaughtOptions): () => void {
  const onUncaught = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void => {
    try {
      const fatal = !isHandled();
      const recorded = recorder.record(error, {
        // In a worker it is the thread that ends; whether the process does is for its parent to decide, and to record.
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

/** The monitor is no proof of death: the application may have a listener, a capture callback or a domain. */
function isHandled(): boolean {
  return process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
}
