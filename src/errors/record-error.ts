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
import { setTimeout, unixMillis } from '../clock/clock.ts';
import type { Config } from '../config/config.ts';
import { isObjectOrFunction } from '../values/is-object.ts';
import { describeException, type ExceptionDescription } from './exception.ts';

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
}

/** What was recorded of an error, and the spans to mark when it ends the process. */
export interface RecordedError {
  readonly spanContext: SpanContext | undefined;
  /** The parent of that span, in case that span has ended already. */
  readonly parentSpanContext: SpanContext | undefined;
  readonly message: string;
  readonly fatal: boolean;
}

/**
 * Records an error as a log record named `exception` (semantic conventions, "Exceptions in logs") and, on the span it belongs to,
 * as an event and status ERROR. An error that is reported repeatedly is recorded once, and once more with severity FATAL if it
 * then ends the process. It never throws.
 */
export class ErrorRecorder {
  readonly #options: ErrorRecorderOptions;
  readonly #recorded = new WeakMap<object, RecordedError>();
  /** A primitive has no identity: the same value in the same task is taken for the same throw. */
  #primitive: { readonly value: unknown; readonly recorded: RecordedError } | undefined;

  constructor(options: ErrorRecorderOptions) {
    this.#options = options;
  }

  record(error: unknown, options: RecordOptions): RecordedError {
    const earlier = this.#find(error);
    if (earlier !== undefined) {
      if (options.severity === 'FATAL' && !earlier.fatal) this.#escalate(error, earlier, options);
      return earlier;
    }
    const context = this.#options.unwound() ?? contextApi.active();
    const spanContext = trace.getSpanContext(context);
    let recorded: RecordedError = {
      spanContext: spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined,
      parentSpanContext: parentOf(trace.getSpan(context)),
      message: '',
      fatal: options.severity === 'FATAL',
    };
    try {
      const exception = describeException(error);
      recorded = { ...recorded, message: exception.message };
      this.#remember(error, recorded);
      this.#addToSpan(context, exception);
      this.#emit(context, exception, options);
    } catch (failure) {
      diag.error('an error could not be recorded', failure);
    }
    return recorded;
  }

  /** The process ends of an error that was recorded as ERROR: a FATAL log record follows; the span has its event already. */
  #escalate(error: unknown, earlier: RecordedError, options: RecordOptions): void {
    try {
      this.#remember(error, { ...earlier, fatal: true });
      const { spanContext } = earlier;
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

  #find(error: unknown): RecordedError | undefined {
    if (isObjectOrFunction(error)) return this.#recorded.get(error);
    return this.#primitive !== undefined && Object.is(this.#primitive.value, error)
      ? this.#primitive.recorded
      : undefined;
  }

  #remember(error: unknown, recorded: RecordedError): void {
    if (isObjectOrFunction(error)) {
      this.#recorded.set(error, recorded);
      return;
    }
    const primitive = { value: error, recorded };
    this.#primitive = primitive;
    // A timer runs after the microtasks and the unhandled rejections of this task.
    setTimeout(() => {
      if (this.#primitive === primitive) this.#primitive = undefined;
    }, 0).unref();
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
  const parent: unknown = span === undefined ? undefined : Reflect.get(span, 'parentSpanContext');
  return isSpanContext(parent) ? parent : undefined;
}

function isSpanContext(value: unknown): value is SpanContext {
  return typeof value === 'object' && value !== null && 'traceId' in value && 'spanId' in value;
}
