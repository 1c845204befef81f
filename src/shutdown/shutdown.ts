import { monotonicMillis } from '../clock/clock.ts';
import { Deadline } from '../deadline/deadline.ts';
import type { OutboxCounts } from '../outbox/delivery.ts';
import type { FlushOutcome } from '../outbox/flush-outcome.ts';
import { type FlushOptions, type ShutdownOptions, toFlushDeadline, toReason } from './flush-options.ts';
import {
  type FlushReport,
  type ShutdownReport,
  type SignalCounts,
  type SignalOutcomes,
  TelemetryReport,
} from './flush-report.ts';

/** What is flushed and stopped. Implemented by the caller, so that this folder does not depend on the SDK. */
export interface Telemetry {
  /** Delivers what was recorded so far, at most until the deadline. */
  flush(deadline: Deadline): Promise<SignalOutcomes>;
  /** Ends what runs in the background and closes keep-alive connections. */
  stop(): void;
  counts(): SignalCounts;
  /** Why nothing can be delivered now, if so. */
  failure(): Error | undefined;
}

/** Records the lifecycle events of a shutdown. */
export interface ShutdownEvents {
  stopping(reason: string | undefined): void;
  stopped(reason: string | undefined): void;
}
/** Runs after telemetry has been flushed, within the same deadline. Must not reject. */
export type LastStep = (deadline: Deadline) => Promise<unknown>;

/** The fraction of the time of `shutdown()` after which last steps start, although telemetry is not flushed yet. */
const TELEMETRY_SHARE = 0.9;

/** `forceFlush()` and `shutdown()` of one running SDK. */
export class Shutdown {
  readonly #telemetry: Telemetry;
  readonly #events: ShutdownEvents;
  readonly #defaultTimeoutMillis: number;
  #shutdown: Promise<ShutdownReport> | undefined;
  readonly #lastSteps: LastStep[] = [];

  constructor(telemetry: Telemetry, events: ShutdownEvents, defaultTimeoutMillis: number) {
    this.#telemetry = telemetry;
    this.#events = events;
    this.#defaultTimeoutMillis = defaultTimeoutMillis;
  }

  /** @throws TypeError on invalid options */
  forceFlush(options: FlushOptions = {}): Promise<FlushReport> {
    return this.#flush(toFlushDeadline(options, this.#defaultTimeoutMillis), undefined);
  }

  /**
   * Flushes, then ends everything in the background. A second call returns the promise of the first.
   * @throws TypeError on invalid options
   */
  shutdown(options: ShutdownOptions = {}): Promise<ShutdownReport> {
    const deadline = toFlushDeadline(options, this.#defaultTimeoutMillis);
    this.#shutdown ??= this.#end(deadline, toReason(options));
    return this.#shutdown;
  }

  /** Adds a step that `shutdown()` runs after the flush, also if the backend hangs: self-metrics then have its last counts. */
  addLastStep(step: LastStep): void {
    this.#lastSteps.push(step);
  }

  async #end(deadline: Deadline, reason: string | undefined): Promise<ShutdownReport> {
    const errors: Error[] = [];
    try {
      this.#events.stopping(reason);
      this.#events.stopped(reason);
    } catch (cause) {
      errors.push(new Error('the shutdown could not be recorded', { cause }));
    }
    const flushed = this.#flush(deadline, reason, errors).finally(() => this.#telemetry.stop());
    if (this.#lastSteps.length > 0) {
      await Deadline.after(deadline.remainingMillis * TELEMETRY_SHARE).race(flushed);
      await Promise.all(this.#lastSteps.map((step) => step(deadline)));
    }
    return flushed;
  }

  async #flush(deadline: Deadline, reason: string | undefined, errors: Error[] = []): Promise<ShutdownReport> {
    const startedAt = monotonicMillis();
    let outcomes: SignalOutcomes;
    try {
      outcomes = await this.#telemetry.flush(deadline);
    } catch (cause) {
      errors.push(new Error('the flush failed', { cause }));
      outcomes = allUndelivered(this.#telemetry.counts());
    }
    errors.push(...(outcomes.errors ?? []));
    const { spans, logs, metrics } = outcomes;
    const failed = [spans, logs, metrics].filter(({ undelivered }) => undelivered > 0);
    const undelivered = failed.length > 0;
    const durationMillis = monotonicMillis() - startedAt;
    if (undelivered) {
      const error = failed.find((outcome) => outcome.error !== undefined)?.error ?? this.#telemetry.failure();
      errors.push(error ?? new Error(`no answer within ${Math.round(durationMillis)} ms`));
    }
    return new TelemetryReport(outcomes, {
      timedOut: undelivered && deadline.expired,
      durationMillis,
      reason,
      errors,
    });
  }
}

function allUndelivered({ spans, logs, metrics }: SignalCounts): SignalOutcomes {
  const outcome = ({ waiting }: OutboxCounts): FlushOutcome => ({
    delivered: 0,
    undelivered: waiting,
    dropped: {},
    error: undefined,
  });
  return { spans: outcome(spans), logs: outcome(logs), metrics: outcome(metrics) };
}
