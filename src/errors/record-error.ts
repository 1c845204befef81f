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
 */
export class ErrorRecorder {
  readonly #options: ErrorRecorderOptions;
  readonly #recorded: RecordedErrors;

  constructor(options: ErrorRecorderOptions) {
    this.#options = options;
    this.#recorded = new RecordedErrors(options.spans);
  }

  record(error: unknown, options: RecordOptions): RecordedError {
    const context = this.#options.unwound() ?? contextApi.active();
    const active = trace.getSpanContext(context);
    const spanContext = active !== undefined && isSpanContextValid(active) ? active : undefined;
    const place: Place = { spanContext, request: getRPCMetadata(context) };
    const earlier = this.#recorded.find(error, place);
    if (earlier !== undefined) {
      if (options.severity === 'FATAL' && !earlier.fatal) this.#escalate(error, place, earlier, options);
      return earlier;
    }
    let recorded: RecordedError = {
      spanContext,
      parentSpanContext: parentOf(trace.getSpan(context)),
      message: '',
      fatal: options.severity === 'FATAL',
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

  /** The process ends of an error that was recorded as ERROR: a FATAL log record follows; the span has its event already. */
  #escalate(error: unknown, place: Place, { spanContext }: RecordedError, options: RecordOptions): void {
    try {
      this.#recorded.setFatal(error, place);
      const context = spanContext === undefined ? contextApi.active() : trace.setSpanContext(ROOT_CONTEXT, spanContext);
      this.#emit(context, describeException(error), options);
    } catch (failure) {
      diag.error('the end of the process could not be recorded', failure);
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

/** The SDK's spans have `parentSpanContext`; the API's interface does not. */
function parentOf(span: object | undefined): SpanContext | undefined {
  const parent = read(span, 'parentSpanContext');
  return isSpanContext(parent) ? parent : undefined;
}

function isSpanContext(value: unknown): value is SpanContext {
  return isObject(value) && 'traceId' in value && 'spanId' in value;
}
