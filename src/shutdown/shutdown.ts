import { Deadline } from '../deadline/deadline.ts';
import { toDeadline } from './flush-options.ts';
import { createReport, type FlushOptions, type Report, type ShutdownOptions, type SignalCounts } from './report.ts';

/** What is flushed and ended. Given from outside: this room knows no SDK. */
export interface Telemetry {
  /** Delivers everything there is, at most until the deadline. Never rejects. */
  flush(deadline: Deadline): Promise<void>;
  /** Ends what runs in the background and closes kept-alive connections. */
  stop(): void;
  counts(): SignalCounts;
  lastError(): Error | undefined;
}

/** What ends after telemetry has: within the same deadline, and it must not reject. */
export type LastStep = (deadline: Deadline) => Promise<unknown>;

/** Of the time that is left for `shutdown()`, what telemetry may take when there are last steps. */
const TELEMETRY_SHARE = 0.9;

/** `forceFlush()` and `shutdown()` of one running SDK. */
export class Shutdown {
  readonly #telemetry: Telemetry;
  readonly #defaultTimeoutMillis: number;
  readonly #lastSteps: LastStep[] = [];
  #shutdown: Promise<Report> | undefined;

  constructor(telemetry: Telemetry, defaultTimeoutMillis: number) {
    this.#telemetry = telemetry;
    this.#defaultTimeoutMillis = defaultTimeoutMillis;
  }

  /** @throws TypeError on invalid options */
  forceFlush(options: FlushOptions = {}): Promise<Report> {
    return this.#flush(toDeadline(options, this.#defaultTimeoutMillis), undefined);
  }

  /**
   * Flushes and ends everything in the background. A second call gets the first one's promise.
   * @throws TypeError on invalid options
   */
  shutdown(options: ShutdownOptions = {}): Promise<Report> {
    const deadline = toDeadline(options, this.#defaultTimeoutMillis);
    this.#shutdown ??= this.#end(deadline, options.reason);
    return this.#shutdown;
  }

  /** Ends with `shutdown()`, after telemetry: what watches telemetry sees its last figures, also when the backend hangs. */
  addLastStep(step: LastStep): void {
    this.#lastSteps.push(step);
  }

  async #end(deadline: Deadline, reason: string | undefined): Promise<Report> {
    const flushed = this.#flush(deadline, reason).finally(() => this.#telemetry.stop());
    if (this.#lastSteps.length > 0) {
      await Deadline.after(deadline.remainingMillis * TELEMETRY_SHARE).race(flushed);
      await Promise.all(this.#lastSteps.map((step) => step(deadline)));
    }
    return flushed;
  }

  async #flush(deadline: Deadline, reason: string | undefined): Promise<Report> {
    const startedAt = performance.now();
    await this.#telemetry.flush(deadline);
    const counts = this.#telemetry.counts();
    const undelivered = Object.values(counts).some(({ waiting }) => waiting > 0);
    const lastError = this.#telemetry.lastError();
    return createReport(counts, {
      timedOut: undelivered && deadline.expired,
      durationMillis: performance.now() - startedAt,
      reason,
      errors: undelivered && lastError !== undefined ? [lastError] : [],
    });
  }
}
