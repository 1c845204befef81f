import { INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { isLinkContext, isSpanKind } from '../../otlp/mend-items.ts';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';
import { goodAttributes, goodLinks, goodName, goodTime, isBadTime } from './good-values.ts';
import { guardProvider } from './guard-scopes.ts';
import { guardSpan } from './guard-span.ts';
import { guardClassOf, replaceMethod, warn, warnOfError } from './guarded-method.ts';

export function guardTracing(): void {
  guardProvider(TracerProvider.prototype, 'getTracer', guardTracer);
}

function guardTracer(prototype: object): void {
  let isSpanGuarded = false;
  const guardFirst = (span: unknown): void => {
    // Spans that are not recorded are of the API's no-op class, which never throws.
    if (!isRecording(span)) return;
    isSpanGuarded = true;
    guardClassOf(span, guardSpan);
  };
  replaceMethod(
    prototype,
    'startSpan',
    (original) =>
      function (this: unknown, name: unknown, options: unknown, context: unknown): unknown {
        try {
          if (typeof name === 'string' && areGoodOptions(options)) {
            const span = original.call(this, name, options, context);
            if (!isSpanGuarded) guardFirst(span);
            return span;
          }
        } catch {
          // Tried again below, with what can be read of them.
        }
        try {
          const good = [goodName(name, 'startSpan'), goodOptions(options)] as const;
          const span = isContext(context) ? original.call(this, ...good, context) : original.call(this, ...good);
          if (!isSpanGuarded) guardFirst(span);
          return span;
        } catch (error) {
          warnOfError('startSpan', error);
          return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
        }
      },
  );
  // It calls `startSpan` and the application's function, whose errors are the application's.
  replaceMethod(
    prototype,
    'startActiveSpan',
    (original) =>
      function (this: unknown, ...parameters: unknown[]): unknown {
        const last = parameters.length - 1;
        if (typeof parameters[last] !== 'function') {
          warn('startActiveSpan', 'there is no function to call');
          return undefined;
        }
        if (last < 3 || isContext(parameters[2])) return original.apply(this, parameters);
        return original.call(this, parameters[0], parameters[1], undefined, parameters[3]);
      },
  );
}

function isRecording(span: unknown): boolean {
  if (!isObject(span) || !('isRecording' in span)) return false;
  return typeof span.isRecording === 'function' && span.isRecording() === true;
}

function isContext(value: unknown): boolean {
  return (
    isObject(value) && typeof read(value, 'getValue') === 'function' && typeof read(value, 'setValue') === 'function'
  );
}

function areGoodOptions(options: unknown): boolean {
  if (options === undefined) return true;
  if (!isObject(options)) return false;
  const { kind, startTime, links }: { kind?: unknown; startTime?: unknown; links?: unknown } = options;
  if (kind !== undefined && !isSpanKind(kind)) return false;
  if (startTime !== undefined && isBadTime(startTime)) return false;
  return links === undefined || (Array.isArray(links) && links.every((link) => isLinkContext(read(link, 'context'))));
}

function goodOptions(options: unknown): object {
  const kind = read(options, 'kind');
  if (kind !== undefined && !isSpanKind(kind)) warn('startSpan', 'the kind is not a SpanKind, INTERNAL is used');
  const links = read(options, 'links');
  return {
    root: read(options, 'root') === true,
    kind: isSpanKind(kind) ? kind : undefined,
    startTime: goodTime(read(options, 'startTime'), 'startSpan'),
    attributes: goodAttributes(read(options, 'attributes'), 'startSpan'),
    links: Array.isArray(links) ? goodLinks(links, 'startSpan') : undefined,
  };
}
