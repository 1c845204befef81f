import { diag } from '@opentelemetry/api';

/** Called when an exception is recorded on a span of the tracer that it listens to. */
export type ExceptionListener = (exception: unknown) => void;

/** By the name of the tracer. */
const listeners = new Map<string, ExceptionListener>();

/** For frameworks that make spans themselves, and record on them what they answer. */
export function onRecordedException(tracerName: string, listener: ExceptionListener): void {
  listeners.set(tracerName, listener);
}

/** To be called before each `recordException()` of the SDK. It never throws. */
export function exceptionRecorded(tracerName: string | undefined, exception: unknown): void {
  if (tracerName === undefined) return;
  try {
    listeners.get(tracerName)?.(exception);
  } catch (error) {
    diag.error(`an exception that ${tracerName} has recorded could not be passed on`, error);
  }
}
