import type { DiagLogger } from '@opentelemetry/api';

/** What the API says, with a stack, of each component that a second SDK tries to register. */
const REFUSED = /@opentelemetry\/api: (?:Attempted duplicate registration|Registration of version)/;

/** Tells in one line that another SDK was started after the preload; the API would tell it with a stack for each component. */
export class AnotherSdk {
  readonly logger: DiagLogger;
  #isTold = false;

  constructor(logger: DiagLogger) {
    this.logger = {
      ...logger,
      error: (message, ...args) => {
        if (!REFUSED.test(message)) return logger.error(message, ...args);
        if (this.#isTold) return;
        this.#isTold = true;
        logger.error(
          'another OpenTelemetry SDK was started after the preload: nothing of it is registered, and what it instruments is ' +
            "instrumented twice. Leave it out, or leave the preload out and use withSwansong() of 'swansong/node-sdk'.",
        );
      },
    };
  }

  /** It has been said elsewhere. */
  told(): void {
    this.#isTold = true;
  }
}
