import type { DiagLogger } from '@opentelemetry/api';

/** The error that the API logs, with a stack trace, for each component that a second SDK tries to register. */
const REFUSED = /@opentelemetry\/api: (?:Attempted duplicate registration|Registration of version)/;

/** Reports in one line that another SDK was started after the preload, in place of the API's error for each component. */
export class AnotherSdk {
  readonly logger: DiagLogger;
  #isReported = false;

  constructor(logger: DiagLogger) {
    this.logger = {
      ...logger,
      error: (message, ...args) => {
        if (!REFUSED.test(message)) return logger.error(message, ...args);
        if (this.#isReported) return;
        this.#isReported = true;
        logger.error(
          'another OpenTelemetry SDK was started after the preload: nothing of it is registered, and what it instruments is ' +
            "instrumented twice. Leave it out, or leave the preload out and use withSwansong() of 'swansong/node-sdk'.",
        );
      },
    };
  }

  /** To be called when it has been reported elsewhere. */
  reported(): void {
    this.#isReported = true;
  }
}
