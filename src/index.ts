import type { Attributes } from '@opentelemetry/api';
import { type Recovered, recoverAndReport as recover } from './errors/recover.ts';
import { hasOwnNodeSdk, wasPreloaded } from './sdk/preload-mark.ts';
import { findRunningSdk, type RunningSdk, type Status } from './sdk/running-sdk.ts';
import type { GracefulShutdownOptions } from './shutdown/graceful-options.ts';
import type { GracefulShutdownReport } from './shutdown/graceful-report.ts';
import { GracefulShutdown } from './shutdown/graceful-shutdown.ts';
import { type FlushOptions, type ShutdownOptions, toFlushDeadline, toReason } from './shutdown/flush-options.ts';
import { type FlushReport, NO_COUNTS, reportNothing, type ShutdownReport } from './shutdown/flush-report.ts';

export type { Recovered } from './errors/recover.ts';
export type { BackendState } from './outbox/backend-health.ts';
export type { DropReason, OutboxCounts } from './outbox/delivery.ts';
export type { Status } from './sdk/running-sdk.ts';
export type { GracefulShutdownOptions, Step, StepContext } from './shutdown/graceful-options.ts';
export type { ClosedReport, GracefulShutdownReport, ServerReport } from './shutdown/graceful-report.ts';
export type { FlushOptions, ShutdownOptions } from './shutdown/flush-options.ts';
export type { FlushReport, ShutdownReport, SignalReport } from './shutdown/flush-report.ts';

/**
 * Delivers the telemetry recorded so far. Resolves with a report when the backend has acknowledged or refused all of it, or at
 * the deadline; never rejects.
 *
 * @throws TypeError on invalid options, before anything is flushed
 */
export function forceFlush(options?: FlushOptions): Promise<FlushReport> {
  return running()?.forceFlush(options) ?? nothingToFlush(options);
}

/**
 * Delivers everything, then ends what swansong runs in the background: call it when the application ends, after its servers
 * have closed. Default timeout: SWANSONG_SHUTDOWN_TIMEOUT (5000 ms). A second call returns the promise of the first; never rejects.
 *
 * @throws TypeError on invalid options, before anything is flushed
 */
export function shutdown(options?: ShutdownOptions): Promise<ShutdownReport> {
  return running()?.shutdown(options) ?? nothingToFlush(options);
}

/**
 * Ends an application in the right order, within one deadline: readiness goes off, the servers stop accepting and answer the
 * requests they have accepted, telemetry is flushed, the functions in `close` run, telemetry is shut down. Registers no signal
 * handler, never rejects and ends at its deadline. A second call returns the promise of the first. Without the preload
 * everything but the telemetry steps is done.
 *
 * Default timeout: 7000 ms. Connections that are still open when only the time reserved for telemetry is left (a fifth, 500 to
 * 5000 ms, at most half) are destroyed and counted. An idle keep-alive connection is closed after 1 s without a request (or a
 * quarter of the time, if that is less), or with the response to its next request.
 *
 * @throws TypeError on invalid options, before anything is closed
 * @example
 * process.once('SIGTERM', async (reason) => {
 *   const report = await gracefulShutdown({ servers: [server], timeoutMillis: 7000, reason, close: [() => db.end()] });
 *   process.exit(report.ok ? 0 : 1);
 * });
 */
export function gracefulShutdown(options?: GracefulShutdownOptions): Promise<GracefulShutdownReport> {
  return graceful.run(options);
}

const graceful = new GracefulShutdown({
  stopping: (reason) => running()?.stopping(reason),
  flush: (options) => forceFlush(options),
  shutdown: (options) => shutdown(options),
});

/** The current state: whether the backend answers, and how many items were accepted, delivered, are waiting and were dropped. */
export function status(): Status {
  return (
    running()?.status() ?? {
      backend: 'unknown',
      lastError: undefined,
      spans: NO_COUNTS,
      logs: NO_COUNTS,
      metrics: NO_COUNTS,
    }
  );
}

/**
 * Runs `fn`. What it throws, or what its promise rejects with, is recorded on the active span and as a log record, and is thrown
 * to the caller unchanged. Nested calls record an error once. Without the preload it only runs `fn`.
 *
 * @example
 * const order = await recoverAndReport(() => loadOrder(id));
 */
export function recoverAndReport<T>(fn: () => T): Recovered<T> {
  return recover(fn, (error) => running()?.reportError(error));
}

/**
 * Records an error that the application handles: on the active span and as a log record (ERROR). Once on its way out of a span;
 * the same object in another span is recorded again.
 *
 * @param attributes of the log record, in addition to `exception.*`
 * @example
 * reportError(error, { 'order.id': order.id });
 */
export function reportError(error: unknown, attributes?: Attributes): void {
  running()?.reportError(error, attributes);
}

/** Checks the options: invalid ones must throw also without the preload. */
function nothingToFlush(options: ShutdownOptions = {}): Promise<ShutdownReport> {
  toFlushDeadline(options, 0);
  return Promise.resolve(reportNothing({ reason: toReason(options) }));
}

let reported = false;

/** The SDK of the preload. If there was no preload, that is reported once and the calls do nothing. */
function running(): RunningSdk | undefined {
  const sdk = findRunningSdk();
  if (sdk === undefined && !wasPreloaded() && !hasOwnNodeSdk() && !reported) {
    reported = true;
    console.error(
      'swansong: not started in this thread, nothing is recorded or delivered. Preload it: node --import swansong/register app.js',
    );
  }
  return sdk;
}
