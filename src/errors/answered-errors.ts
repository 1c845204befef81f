import { type Context, context as contextApi } from '@opentelemetry/api';

/** An error that a framework answers. Whether it is a failure of the server is known when the answer has been sent. */
interface AnsweredError {
  readonly context: Context;
  readonly error: unknown;
}

/**
 * The errors of requests that are still being answered. An error handler of the application may turn an error into a status of
 * 404: so an error is recorded at the end of its request, or of the process, whichever comes first.
 */
export class AnsweredErrors {
  readonly #record: (error: unknown) => unknown;
  /** By what stands for the request. */
  readonly #open = new Map<object, AnsweredError>();

  constructor(record: (error: unknown) => unknown) {
    this.#record = record;
  }

  /**
   * The framework is about to answer `error`. It replaces an earlier one of the request: an error handler has passed on another.
   * @param context that of the request, with its span
   */
  add(request: object, error: unknown, context: Context): void {
    this.#open.set(request, { error, context });
  }

  /** To be called while the span of the request has not ended. @param hasFailed whether the error is recorded */
  settle(request: object, hasFailed: boolean): void {
    const answered = this.#open.get(request);
    if (answered === undefined) return;
    this.#open.delete(request);
    if (hasFailed) contextApi.with(answered.context, () => this.#record(answered.error));
  }

  /** At the end of the process: no answer has been sent. */
  settleAll(): void {
    for (const request of this.#open.keys()) this.settle(request, true);
  }
}
