import { countOf } from '../text/count-of.ts';
import { oneLine } from '../text/one-line.ts';
import type { ServerReport } from './close-server.ts';
import type { ShutdownReport } from './flush-report.ts';

export type { ServerReport } from './close-server.ts';

/** The outcome of one function in `close`. */
export interface ClosedReport {
  /** Its index in `close`. */
  readonly index: number;
  readonly ok: boolean;
  /** It threw, and that is the `cause`; or its time was up. */
  readonly error?: Error;
  readonly durationMillis: number;
}

/** What `gracefulShutdown()` resolves with. It never rejects and ends at its deadline. */
export class GracefulShutdownReport {
  /**
   * The application ended cleanly: no connection was destroyed, everything was closed, no callback failed. Independent of
   * `telemetry.ok`: an unreachable backend must not make a clean shutdown look failed.
   */
  readonly ok: boolean;
  /** A connection was destroyed or a callback abandoned because its time was up or the signal aborted. */
  readonly timedOut: boolean;
  readonly durationMillis: number;
  /** In the order of the option; all zeros for a server that was null, undefined or not listening. */
  readonly servers: readonly ServerReport[];
  /** In the order of the option `close`. */
  readonly closed: readonly ClosedReport[];
  /** Of the whole call: what both flushes delivered and lost, and what the last one, that of `shutdown()`, left. */
  readonly telemetry: ShutdownReport;
  /** Everything that failed, each with its `cause`. */
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
   * The report in one line, for a log: `ended cleanly in 1320 ms; telemetry: delivered 12 spans, …`, or `ended in 10000 ms, not
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
