import { countOf } from '../text/count-of.ts';
import { oneLine } from '../text/one-line.ts';
import type { ServerReport } from './close-server.ts';
import type { ShutdownReport } from './flush-report.ts';

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
export class GracefulShutdownReport {
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
  readonly telemetry: ShutdownReport;
  /** All that went wrong, each with its `cause`. */
  readonly errors: readonly Error[];

  constructor(facts: Omit<GracefulShutdownReport, 'toString'>) {
    this.ok = facts.ok;
    this.timedOut = facts.timedOut;
    this.durationMillis = facts.durationMillis;
    this.servers = facts.servers;
    this.closed = facts.closed;
    this.telemetry = facts.telemetry;
    this.errors = facts.errors;
  }

  /**
   * All of it in one line, for a log: `ended cleanly in 1320 ms; telemetry: delivered 12 spans, …`, or `ended in 10000 ms, not
   * cleanly: servers[0]: 1 connection destroyed at the deadline, 3 requests cut; telemetry: …`.
   */
  toString(): string {
    const millis = Math.round(this.durationMillis);
    const how = this.ok
      ? `ended cleanly in ${millis} ms`
      : `ended in ${millis} ms, not cleanly: ${this.errors.map(({ message }) => oneLine(message)).join('; ')}`;
    return `${how}; telemetry: ${String(this.telemetry)}`;
  }
}

export function describeCut({ connectionsDestroyed, requestsCut, connectionsLeft }: ServerReport): string {
  const left = connectionsLeft === 0 ? '' : `; ${countOf(connectionsLeft, 'unreferenced connections')} could not be`;
  return `${countOf(connectionsDestroyed, 'connections')} destroyed at the deadline, ${countOf(requestsCut, 'requests')} cut${left}`;
}
