import { monotonicMillis } from '../clock/clock.ts';
import { oneLine } from '../text/one-line.ts';

export type BackendState = 'unknown' | 'connected' | 'failing';

/** Where the messages go: OpenTelemetry's `diag`, which the preload makes write to stderr. */
export interface HealthLog {
  warn(message: string): void;
  info(message: string): void;
}

/**
 * The state of one backend, over all signals that are sent to it. Logs one line when it starts to fail and one when it has
 * recovered, not one per attempt.
 */
export class BackendHealth {
  readonly #name: string;
  readonly #log: HealthLog;
  #state: BackendState = 'unknown';
  #lastError: Error | undefined;
  #failingSince = 0;

  /** @param name the backend's URL for messages, without credentials */
  constructor(name: string, log: HealthLog) {
    this.#name = name;
    this.#log = log;
  }

  get state(): BackendState {
    return this.#state;
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** The last error, if nothing has been delivered since. */
  get failure(): Error | undefined {
    return this.#state === 'failing' ? this.#lastError : undefined;
  }

  failed(error: Error): void {
    this.#lastError = error;
    if (this.#state === 'failing') return;
    this.#state = 'failing';
    this.#failingSince = monotonicMillis();
    this.#log.warn(`cannot deliver telemetry to ${this.#name}: ${oneLine(error.message)}; keeping it and trying again`);
  }

  succeeded(): void {
    if (this.#state === 'failing') {
      const seconds = ((monotonicMillis() - this.#failingSince) / 1000).toFixed(1);
      this.#log.info(`delivering telemetry to ${this.#name} again, after ${seconds} s`);
    }
    this.#state = 'connected';
  }
}
