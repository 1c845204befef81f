import type { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Deadline } from '../deadline/deadline.ts';
import { closeServer, type ServerReport } from './close-server.ts';
import { type GracefulShutdownOptions, type GracefulShutdownPlan, type Step, toPlan } from './graceful-options.ts';
import { type ClosedReport, describeCut, GracefulShutdownReport } from './graceful-report.ts';
import { runStep, type StepOutcome } from './graceful-step.ts';
import type { FlushOptions, ShutdownOptions } from './flush-options.ts';
import { type FlushReport, reportNothing, type ShutdownReport } from './flush-report.ts';

/** Given from outside: this room knows no SDK. None should throw or reject; where one does, the report says so. */
export interface FlushableTelemetry {
  /** The application is about to end. */
  stopping(reason: string | undefined): void;
  /** Delivers what there is and goes on recording. */
  flush(options: FlushOptions): Promise<FlushReport>;
  /** Delivers what there is and ends. */
  shutdown(options: ShutdownOptions): Promise<ShutdownReport>;
}

const NO_SERVER: ServerReport = {
  ok: true,
  connectionsDestroyed: 0,
  requestsCut: 0,
  connectionsLeft: 0,
  durationMillis: 0,
};

/** The end of an application in the right order, within one deadline. */
export class GracefulShutdown {
  readonly #telemetry: FlushableTelemetry;
  #first: Promise<GracefulShutdownReport> | undefined;

  constructor(telemetry: FlushableTelemetry) {
    this.#telemetry = telemetry;
  }

  /**
   * A second call gets the first one's promise, which never rejects.
   * @throws TypeError on invalid options, before anything is closed
   */
  run(options?: GracefulShutdownOptions): Promise<GracefulShutdownReport> {
    const plan = toPlan(options);
    this.#first ??= new Run(plan, this.#telemetry).run();
    return this.#first;
  }
}

class Run {
  readonly #plan: GracefulShutdownPlan;
  readonly #telemetry: FlushableTelemetry;
  readonly #end: Deadline;
  readonly #errors: Error[] = [];
  #ok = true;
  #timedOut = false;

  constructor(plan: GracefulShutdownPlan, telemetry: FlushableTelemetry) {
    this.#plan = plan;
    this.#telemetry = telemetry;
    this.#end = Deadline.after(plan.timeoutMillis, plan.signal);
  }

  async run(): Promise<GracefulShutdownReport> {
    const startedAt = performance.now();
    const { telemetryMillis } = this.#plan;
    const drained = this.#leaving(telemetryMillis);
    this.#tell();
    await this.#announce(drained);
    const servers = await this.#closeServers(drained);
    // Before the rest is closed: what closes may hang, and the spans of the last requests have waited long enough.
    const flushEnd = Math.min(telemetryMillis, this.#end.remainingMillis - telemetryMillis / 2);
    await this.#flush(this.#within(flushEnd));
    const closed = await this.#closeRest(this.#leaving(telemetryMillis / 4));
    const telemetry = await this.#shutdown(this.#end);
    return new GracefulShutdownReport({
      ok: this.#ok,
      timedOut: this.#timedOut,
      durationMillis: performance.now() - startedAt,
      servers,
      closed,
      telemetry,
      errors: [...this.#errors],
    });
  }

  #tell(): void {
    try {
      this.#telemetry.stopping(this.#plan.reason);
    } catch (cause) {
      this.#errors.push(new Error('telemetry stopping: threw', { cause }));
    }
  }

  /** Readiness goes off; the servers go on for the delay. */
  async #announce(drained: Deadline): Promise<void> {
    const { onDraining, readinessDelayMillis } = this.#plan;
    if (onDraining !== undefined) {
      // One that hangs leaves the delay, and half of the rest for the requests.
      const mostMillis = (drained.remainingMillis - readinessDelayMillis) / 2;
      await this.#step('onDraining', onDraining, this.#within(mostMillis));
    }
    if (readinessDelayMillis > 0) {
      await this.#within(Math.min(readinessDelayMillis, drained.remainingMillis)).race(new Promise<never>(() => {}));
    }
  }

  async #closeServers(drained: Deadline): Promise<ServerReport[]> {
    const { servers, onUpgradedSockets } = this.#plan;
    const closing = Promise.all(servers.map((server, index) => this.#closeServer(server, index, drained)));
    if (onUpgradedSockets === undefined) return closing;
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, ...(this.#plan.signal ? [this.#plan.signal] : [])]);
    const calling = runStep('onUpgradedSockets', onUpgradedSockets, Deadline.after(drained.remainingMillis, signal));
    const reports = await closing;
    // When the servers have closed, the sockets it was called for are gone. What it has thrown by now is told.
    await nextTurn();
    done.abort();
    const outcome = await calling;
    if (!outcome.ok && !outcome.timedOut) this.#fail(outcome.error);
    return reports;
  }

  async #closeServer(server: Server | undefined, index: number, drained: Deadline): Promise<ServerReport> {
    if (server === undefined) return NO_SERVER;
    try {
      const report = await closeServer(server, drained);
      if (!report.ok) {
        this.#timedOut = true;
        this.#fail(new Error(`servers[${index}]: ${describeCut(report)}`));
      }
      return report;
    } catch (cause) {
      this.#fail(new Error(`servers[${index}]: could not be closed`, { cause }));
      return { ...NO_SERVER, ok: false };
    }
  }

  async #closeRest(end: Deadline): Promise<ClosedReport[]> {
    const { close } = this.#plan;
    const closed: ClosedReport[] = [];
    for (const [index, step] of close.entries()) {
      const startedAt = performance.now();
      // An equal share of what is left: one that hangs leaves the others theirs, one that is quick leaves them more.
      const outcome = await this.#step(
        `close[${index}]`,
        step,
        this.#within(end.remainingMillis / (close.length - index)),
      );
      const durationMillis = performance.now() - startedAt;
      closed.push({ index, ok: outcome.ok, ...(outcome.ok ? {} : { error: outcome.error }), durationMillis });
    }
    return closed;
  }

  async #step(name: string, step: Step, deadline: Deadline) {
    const outcome = await runStep(name, step, deadline);
    if (!outcome.ok) {
      this.#fail(outcome.error);
      this.#timedOut ||= outcome.timedOut;
    }
    return outcome;
  }

  #fail(error: Error): void {
    this.#ok = false;
    this.#errors.push(error);
  }

  async #flush(deadline: Deadline): Promise<void> {
    await this.#telemetryStep('flush', deadline, (options) => this.#telemetry.flush(options));
  }

  async #shutdown(deadline: Deadline): Promise<ShutdownReport> {
    const { reason } = this.#plan;
    let report: ShutdownReport | undefined;
    const outcome = await this.#telemetryStep('shutdown', deadline, async (options) => {
      report = await this.#telemetry.shutdown({ ...options, ...(reason !== undefined && { reason }) });
    });
    if (outcome.ok && report !== undefined) return report;
    return reportNothing(outcome.ok ? {} : { timedOut: outcome.timedOut, reason, errors: [outcome.error] });
  }

  async #telemetryStep(
    name: 'flush' | 'shutdown',
    deadline: Deadline,
    step: (options: FlushOptions) => Promise<unknown>,
  ): Promise<StepOutcome> {
    const { signal } = this.#plan;
    const options = { timeoutMillis: deadline.remainingMillis, ...(signal && { signal }) };
    const outcome = await runStep(
      `telemetry ${name}`,
      () => step(options),
      // Its own deadline comes first, so that its report tells what was left.
      Deadline.after(deadline.remainingMillis + LATE_REPORT_MILLIS),
    );
    if (!outcome.ok) this.#errors.push(outcome.error);
    return outcome;
  }

  /** Ends so many milliseconds before the whole does. */
  #leaving(millis: number): Deadline {
    return this.#within(this.#end.remainingMillis - millis);
  }

  #within(millis: number): Deadline {
    return Deadline.after(Math.max(0, Math.min(millis, this.#end.remainingMillis)), this.#plan.signal);
  }
}

/** Milliseconds a report may come after its deadline before it is given up. */
const LATE_REPORT_MILLIS = 50;
