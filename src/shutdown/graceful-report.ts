import type { ServerReport } from './close-server.ts';
import type { Report } from './report.ts';

export type { ServerReport } from './close-server.ts';

/** What became of one of the functions in `close`. */
export interface ClosedReport {
  /** Its place in `close`. */
  readonly index: number;
  readonly ok: boolean;
  /** What it threw, or that its time was up; `cause` is what it threw. */
  readonly error?: Error;
  readonly durationMillis: number;
}

/** What happened. `gracefulShutdown()` resolves with it; it neither rejects nor hangs. */
export interface GracefulShutdownReport {
  /**
   * The application ended cleanly: no connection was destroyed, everything was closed, no callback failed. Telemetry has its
   * own `telemetry.ok`: a backend that is away must not make a clean end look like a failed one.
   */
  readonly ok: boolean;
  /** Something of the application was cut, or not waited for any longer, because its time was up or the signal aborted. */
  readonly timedOut: boolean;
  readonly durationMillis: number;
  /** In the order of the option; a server that was null or undefined, or not listening, has nothing to tell but zeros. */
  readonly servers: readonly ServerReport[];
  /** In the order of the option `close`. */
  readonly closed: readonly ClosedReport[];
  /** What `shutdown()` reported at the very end. */
  readonly telemetry: Report;
  /** All that went wrong, each with its `cause`. */
  readonly errors: readonly Error[];
}
