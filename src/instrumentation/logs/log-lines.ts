import { type AnyValue, context, diag, type Logger, logs } from '@opentelemetry/api';
import { unixMillis } from '../../clock/clock.ts';
import { VERSION } from '../../config/distribution.ts';
import { type LogSource, logScope } from '../../config/log-sources.ts';
import { cutText } from '../../errors/exception-text.ts';
import type { ErrorRecorder } from '../../errors/record-error.ts';
import type { Severity } from './severity.ts';

/** Characters of a body: attributes have limits of their own, which the SDK applies. */
const MAX_BODY = 65_536;

export type LoggedErrors = Pick<ErrorRecorder, 'isNewInLine'>;

/** A line that the application has logged. */
export interface LogLine extends Severity {
  readonly body: AnyValue;
  /** Milliseconds since 1970; default now. */
  readonly timestamp?: number;
  readonly attributes: Readonly<Record<string, AnyValue>>;
}

/** Lines of the application, as log records in the context of the call that logs. */
export class LogLines {
  readonly #errors: LoggedErrors;
  #isTaking = false;

  constructor(errors: LoggedErrors) {
    this.#errors = errors;
  }

  /**
   * Runs `take`. Nothing that it throws reaches the call that logs. What is logged meanwhile is not taken: it would be a line about
   * this line, without end. The application may have OpenTelemetry's own messages (`diag`) written by the console or by pino.
   */
  guard(source: LogSource, take: () => void): void {
    if (this.#isTaking) return;
    this.#isTaking = true;
    try {
      take();
    } catch (error) {
      diag.error(`a line of ${source} could not be recorded`, error);
    } finally {
      this.#isTaking = false;
    }
  }

  /** Whether the line is to tell of this error: see `ErrorRecorder.isNewInLine()`. */
  isNew(error: object, { severityNumber }: Severity): boolean {
    return this.#errors.isNewInLine(error, severityNumber);
  }

  emit(logger: Logger, { body, timestamp, ...line }: LogLine): void {
    const now = unixMillis();
    logger.emit({
      ...line,
      body: typeof body === 'string' ? cutText(body, MAX_BODY) : body,
      timestamp: timestamp ?? now,
      observedTimestamp: now,
      context: context.active(),
    });
  }
}

export function loggerOf(source: LogSource): Logger {
  return logs.getLogger(logScope(source), VERSION);
}
