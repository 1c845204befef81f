import {
  type Attributes,
  type Context,
  context as contextApi,
  diag,
  isSpanContextValid,
  type Logger,
  ROOT_CONTEXT,
  SeverityNumber,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { unixMillis } from '../clock/clock.ts';
import { getRPCMetadata } from '@opentelemetry/core';
import type { Config } from '../config/config.ts';
import { AnsweredErrors } from './answered-errors.ts';
import { describeException, type ExceptionDescription } from './exception.ts';
import { type Place, type RecordedError, RecordedErrors, type SpanTree } from './recorded-errors.ts';
import { isObject } from '../values/is-object.ts';
import { read } from '../values/read.ts';

export interface RecordOptions {
  /** FATAL: the error ends the process. ERROR: the process survives it. */
  readonly severity: 'FATAL' | 'ERROR';
  /** Attributes of the log record, in addition to `exception.*`. */
  readonly attributes?: Attributes;
}

export interface ErrorRecorderOptions {
  readonly logger: Logger;
  readonly exceptionSignal: Config['exceptionSignal'];
  /** The context that the current throw has left, if there is one; see `UnwoundContextManager`. */
  readonly unwound: () => Context | undefined;
  readonly spans: SpanTree;
}

/**
 * Records an error as a log record named `exception` (semantic conventions, "Exceptions in logs") and, on the span it belongs to,
 * as an event and status ERROR. An error that is reported repeatedly on its way out of a span is recorded once, in another span once
 * more, and once more with severity FATAL if it then ends the process. It never throws.
 *
 * A line in which the application has logged the error counts as the log record, with its severity: what follows is the event on
 * the span, and a log record only if it is worse than the line said.
 */
export class ErrorRecorder {
  readonly #options: ErrorRecorderOptions;
  readonly #recorded: RecordedErrors;
  /** Errors that frameworks answer. */
  readonly answered: AnsweredErrors = new AnsweredErrors((error) => this.record(error, { severity: 'ERROR' }));

  constructor(options: ErrorRecorderOptions) {
    this.#options = options;
    this.#recorded = new RecordedErrors(options.spans);
  }

  record(error: unknown, options: RecordOptions): RecordedError {
    const { context, place } = this.#here();
    const earlier = this.#recorded.find(error, place);
    if (earlier !== undefined) return this.#recordAgain(error, earlier, context, place, options);
    let recorded: RecordedError = {
      ...spansOf(context, place),
      message: '',
      severity: SeverityNumber[options.severity],
      onlyLogged: false,
    };
    try {
      const exception = describeException(error);
      recorded = { ...recorded, message: exception.message };
      this.#recorded.add(error, recorded, place);
      this.#addToSpan(context, exception);
      this.#emit(context, exception, options);
    } catch (failure) {
      diag.error('an error could not be recorded', failure);
    }
    return recorded;
  }

  /**
   * To be called for an error in a line that the application logs.
   * @returns whether that line is to tell of it: nothing has before, or only lines that made less of it
   */
  isNewInLine(error: object, severity: number): boolean {
    const { context, place } = this.#here();
    const earlier = this.#recorded.find(error, place);
    if (earlier === undefined) {
      this.#recorded.add(error, { ...spansOf(context, place), message: '', severity, onlyLogged: true }, place);
      return true;
    }
    if (!earlier.onlyLogged || severity <= earlier.severity) return false;
    this.#recorded.replace(error, place, { ...earlier, severity });
    return true;
  }

  #here(): { readonly context: Context; readonly place: Place } {
    const context = this.#options.unwound() ?? contextApi.active();
    const active = trace.getSpanContext(context);
    const spanContext = active !== undefined && isSpanContextValid(active) ? active : undefined;
    return { context, place: { spanContext, request: getRPCMetadata(context) } };
  }

  /** The span has its event already, if swansong recorded it; the log record follows if the error turned out to be worse. */
  #recordAgain(
    error: unknown,
    earlier: RecordedError,
    context: Context,
    place: Place,
    options: RecordOptions,
  ): RecordedError {
    const severity = SeverityNumber[options.severity];
    const { onlyLogged, spanContext } = earlier;
    const isWorse = severity > earlier.severity;
    if (!isWorse && !onlyLogged) return earlier;
    try {
      const exception = describeException(error);
      const recorded: RecordedError = {
        ...earlier,
        message: exception.message,
        severity: Math.max(severity, earlier.severity),
        onlyLogged: false,
      };
      this.#recorded.replace(error, place, recorded);
      if (onlyLogged) this.#addToSpan(context, exception);
      if (isWorse) {
        const origin =
          spanContext === undefined ? contextApi.active() : trace.setSpanContext(ROOT_CONTEXT, spanContext);
        this.#emit(origin, exception, options);
      }
      return recorded;
    } catch (failure) {
      diag.error('what became of an error could not be recorded', failure);
      return earlier;
    }
  }

  #addToSpan(context: Context, { type, message, stacktrace }: ExceptionDescription): void {
    const span = trace.getSpan(context);
    if (span === undefined || !span.isRecording()) return;
    if (this.#options.exceptionSignal === 'logs/dup')
      span.addEvent('exception', exceptionAttributes({ type, message, stacktrace }));
    span.setAttribute('error.type', type);
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  #emit(context: Context, exception: ExceptionDescription, { severity, attributes }: RecordOptions): void {
    this.#options.logger.emit({
      eventName: 'exception',
      timestamp: unixMillis(),
      severityNumber: SeverityNumber[severity],
      severityText: severity,
      body: exception.message === '' ? exception.type : `${exception.type}: ${exception.message}`,
      attributes: { ...attributes, ...exceptionAttributes(exception) },
      context,
    });
  }
}

function exceptionAttributes({ type, message, stacktrace }: ExceptionDescription): Attributes {
  return {
    'exception.type': type,
    'exception.message': message,
    ...(stacktrace === undefined ? {} : { 'exception.stacktrace': stacktrace }),
  };
}

function spansOf(context: Context, { spanContext }: Place): Pick<RecordedError, 'spanContext' | 'parentSpanContext'> {
  return { spanContext, parentSpanContext: parentOf(trace.getSpan(context)) };
}

/** The SDK's spans have `parentSpanContext`; the API's interface does not. */
function parentOf(span: object | undefined): SpanContext | undefined {
  const parent = read(span, 'parentSpanContext');
  return isSpanContext(parent) ? parent : undefined;
}

function isSpanContext(value: unknown): value is SpanContext {
  return isObject(value) && 'traceId' in value && 'spanId' in value;
}
