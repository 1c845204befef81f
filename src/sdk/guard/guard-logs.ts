import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { describeException } from '../../errors/exception.ts';
import { isTextOrMissing, text } from '../../otlp/mend-items.ts';
import { isOtlpTimeInput } from '../../otlp/otlp-time.ts';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';
import { guardProvider } from './guard-scopes.ts';
import { isAttributeValue, readableAttributes, replaceMethod, tolerate, warn, warnOfError } from './guarded-method.ts';

export function guardLogs(): void {
  guardProvider(LoggerProvider.prototype, 'getLogger', (logger) => {
    guardEmit(logger);
    // An invalid context makes it throw: true, since `emit()` accepts the record.
    tolerate(logger, 'enabled', true);
  });
}

function guardEmit(prototype: object): void {
  replaceMethod(
    prototype,
    'emit',
    (original) =>
      function (this: unknown, record: unknown): void {
        try {
          if (isGood(record)) {
            original.call(this, record);
            return;
          }
        } catch {
          // Tried again below, with what can be read of it.
        }
        if (!isObject(record)) {
          warn('emit', `expected a log record (got ${record === null ? 'null' : typeof record})`);
          return;
        }
        try {
          original.call(this, goodRecord(record));
        } catch (error) {
          warnOfError('emit', error);
        }
      },
  );
}

interface Given {
  readonly timestamp?: unknown;
  readonly observedTimestamp?: unknown;
  readonly severityNumber?: unknown;
  readonly severityText?: unknown;
  readonly eventName?: unknown;
}

function isGood(record: unknown): boolean {
  if (!isObject(record)) return false;
  const { timestamp, observedTimestamp, severityNumber, severityText, eventName }: Given = record;
  return (
    isTimeOrMissing(timestamp) &&
    isTimeOrMissing(observedTimestamp) &&
    (severityNumber === undefined || Number.isInteger(severityNumber)) &&
    isTextOrMissing(severityText) &&
    isTextOrMissing(eventName)
  );
}

function isTimeOrMissing(value: unknown): boolean {
  return value === undefined || value === null || isOtlpTimeInput(value);
}

function goodRecord(record: object): object {
  const severityNumber = read(record, 'severityNumber');
  const context = read(record, 'context');
  const exception = read(record, 'exception');
  return {
    timestamp: goodTime(record, 'timestamp'),
    observedTimestamp: goodTime(record, 'observedTimestamp'),
    severityNumber: Number.isInteger(severityNumber) ? severityNumber : undefined,
    severityText: text(read(record, 'severityText')),
    eventName: text(read(record, 'eventName')),
    body: read(record, 'body'),
    attributes: readableAttributes(read(record, 'attributes'), 'emit', isAttributeValue),
    ...(typeof read(context, 'getValue') === 'function' && { context }),
    ...(exception !== undefined && exception !== null && { exception: asException(exception) }),
  };
}

function goodTime(record: object, field: 'timestamp' | 'observedTimestamp'): unknown {
  const time = read(record, field);
  if (isTimeOrMissing(time)) return time;
  warn('emit', `the ${field} is not a valid time, the current time is used`);
  return undefined;
}

/** As a plain object, whose properties can be read safely. */
function asException(exception: unknown): object {
  const { type: name, message, stacktrace: stack } = describeException(exception);
  return { name, message, stack };
}
