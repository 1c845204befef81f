import type { Server } from 'node:net';
import { monotonicMillis, nextTurn } from '../clock/clock.ts';
import { Deadline } from '../deadline/deadline.ts';
import { closeServer, type ServerReport } from './close-server.ts';
import { type GracefulShutdownOptions, type GracefulShutdownPlan, type Step, toPlan } from './graceful-options.ts';
import { type ClosedReport, describeCut, GracefulShutdownReport } from './graceful-report.ts';
import { runStep, type StepOutcome } from './graceful-step.ts';
import type { FlushOptions, ShutdownOptions } from './flush-options.ts';
import { afterFlush, type FlushReport, reportNothing, type ShutdownReport } from './flush-report.ts';

/** Implemented by the caller, so that this folder does not depend on the SDK. If a method throws, the report contains it. */
export interface FlushableTelemetry {
  /** The application is about to end. */
  stopping(reason: string | undefined): void;
  /** Delivers what was recorded so far; recording continues. */
  flush(options: FlushOptions): Promise<FlushReport>;
  /** Delivers what was recorded, and ends telemetry. */
  shutdown(options: ShutdownOptions): Promise<ShutdownReport>;
}

const NO_SERVER: ServerReport = {
  ok: true,
  connectionsDestroyed: 0,
  requestsCut: 0,
  connectionsLeft: 0,
  durationMillis: 0,
};

/** Shuts an application down in the right order, within one deadline. */
export class GracefulShutdown {
  readonly #telemetry: FlushableTelemetry;
  #first: Promise<GracefulShutdownReport> | undefined;

  constructor(telemetry: FlushableTelemetry) {
    this.#telemetry = telemetry;
  }

  /**
   * A second call returns the promise of the first, which never rejects.
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
  #flushed: FlushReport | undefined;

  constructor(plan: GracefulShutdownPlan, telemetry: FlushableTelemetry) {
    this.#plan = plan;
    this.#telemetry = telemetry;
    this.#end = Deadline.after(plan.timeoutMillis, plan.signal);
  }

  async run(): Promise<GracefulShutdownReport> {
    const startedAt = monotonicMillis();
    const { telemetryMillis } = this.#plan;
    const drainDeadline = this.#endLess(telemetryMillis);
    this.#recordStopping();
    await this.#drain(drainDeadline);
    const servers = await this.#closeServers(drainDeadline);
    // Before `close`: its functions may hang, and the spans of the last requests should be delivered before that.
    const flushEnd = Math.min(telemetryMillis, this.#end.remainingMillis - telemetryMillis / 2);
    await this.#flush(this.#within(flushEnd));
    const closed = await this.#closeRest(this.#endLess(telemetryMillis / 4));
    const telemetry = await this.#shutdown(this.#end);
    return new GracefulShutdownReport({
      ok: this.#ok,
      timedOut: this.#timedOut,
      durationMillis: monotonicMillis() - startedAt,
      servers,
      closed,
      telemetry,
      errors: [...this.#errors],
    });
  }

  #recordStopping(): void {
    try {
      this.#telemetry.stopping(this.#plan.reason);
    } catch (cause) {
      this.#errors.push(new Error('telemetry stopping: threw', { cause }));
    }
  }

  /** Makes the readiness probe fail, and continues serving for the delay. */
  async #drain(drainDeadline: Deadline): Promise<void> {
    const { onDraining, readinessDelayMillis } = this.#plan;
    if (onDraining !== undefined) {
      // If it hangs, the delay and half of the rest remain for the requests.
      const maxMillis = (drainDeadline.remainingMillis - readinessDelayMillis) / 2;
      await this.#step('onDraining', onDraining, this.#within(maxMillis));
    }
    if (readinessDelayMillis > 0) {
      await this.#within(Math.min(readinessDelayMillis, drainDeadline.remainingMillis)).race(
        new Promise<never>(() => {}),
      );
    }
  }

  async #closeServers(drainDeadline: Deadline): Promise<ServerReport[]> {
    const { servers, onUpgradedSockets } = this.#plan;
    const closing = Promise.all(servers.map((server, index) => this.#closeServer(server, index, drainDeadline)));
    if (onUpgradedSockets === undefined) return closing;
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, ...(this.#plan.signal ? [this.#plan.signal] : [])]);
    const calling = runStep(
      'onUpgradedSockets',
      onUpgradedSockets,
      Deadline.after(drainDeadline.remainingMillis, signal),
    );
    const reports = await closing;
    // When the servers have closed, no upgraded sockets are left: it is not waited for, but if it has thrown that is reported.
    await nextTurn();
    done.abort();
    const outcome = await calling;
    if (!outcome.ok && !outcome.timedOut) this.#fail(outcome.error);
    return reports;
  }

  async #closeServer(server: Server | undefined, index: number, drainDeadline: Deadline): Promise<ServerReport> {
    if (server === undefined) return NO_SERVER;
    try {
      const report = await closeServer(server, drainDeadline);
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
      const startedAt = monotonicMillis();
      // An equal share of the time that is left: one that hangs cannot use the others' share, one that is fast leaves them more.
      const outcome = await this.#step(
        `close[${index}]`,
        step,
        this.#within(end.remainingMillis / (close.length - index)),
      );
      const durationMillis = monotonicMillis() - startedAt;
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
    await this.#telemetryStep('flush', deadline, async (options) => {
      this.#flushed = await this.#telemetry.flush(options);
    });
  }

  async #shutdown(deadline: Deadline): Promise<ShutdownReport> {
    const { reason } = this.#plan;
    let report: ShutdownReport | undefined;
    const outcome = await this.#telemetryStep('shutdown', deadline, async (options) => {
      report = await this.#telemetry.shutdown({ ...options, ...(reason !== undefined && { reason }) });
    });
    const failure = outcome.ok ? {} : { timedOut: outcome.timedOut, reason, errors: [outcome.error] };
    const last = outcome.ok && report !== undefined ? report : reportNothing(failure);
    return this.#flushed === undefined ? last : afterFlush(this.#flushed, last);
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
      // Later than the deadline of the step itself, so that its report can say what was not delivered.
      Deadline.after(deadline.remainingMillis + LATE_REPORT_MILLIS),
    );
    if (!outcome.ok) this.#errors.push(outcome.error);
    return outcome;
  }

  /** The deadline that is `millis` before the end of the whole shutdown. */
  #endLess(millis: number): Deadline {
    return this.#within(this.#end.remainingMillis - millis);
  }

  #within(millis: number): Deadline {
    return Deadline.after(Math.max(0, Math.min(millis, this.#end.remainingMillis)), this.#plan.signal);
  }
}

/** Milliseconds after its deadline at which a step of telemetry is abandoned. */
const LATE_REPORT_MILLIS = 50;
