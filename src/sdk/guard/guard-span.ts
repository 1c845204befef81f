import { isTimeInput } from '@opentelemetry/core';
import { describeException } from '../../errors/exception.ts';
import { exceptionRecorded } from '../../instrumentation/routes/recorded-exceptions.ts';
import { isLinkContext, isStatusCode, text } from '../../otlp/mend-items.ts';
import { oneLine } from '../../text/one-line.ts';
import { messageOf } from '../../values/thrown.ts';
import { read, readText } from '../../values/read.ts';
import { goodAttributes, goodLinks, goodName, goodTime, isBadTime } from './good-values.ts';
import { replaceMethod, warn, warnOfError } from './guarded-method.ts';

/** Those of the built-in instrumentations, such as `swansong/http`. */
const OWN_SCOPES = 'swansong/';

type Mend = (parameters: readonly unknown[]) => unknown[] | undefined;

/**
 * Guards a method of a span that returns the span.
 * @param isGood whether the SDK accepts the parameters as they are
 * @param mend warns, and returns parameters that the SDK accepts; undefined if the call is to do nothing
 */
function guardSpanMethod(
  prototype: object,
  method: string,
  isGood: (first: unknown, second: unknown, third: unknown) => boolean,
  mend: Mend,
): void {
  replaceMethod(
    prototype,
    method,
    (original) =>
      function (this: unknown, first: unknown, second: unknown, third: unknown): unknown {
        try {
          if (isGood(first, second, third)) return original.call(this, first, second, third);
        } catch {
          // Tried again below, with what can be read.
        }
        try {
          const mended = mend([first, second, third]);
          return mended === undefined ? this : original.apply(this, mended);
        } catch (error) {
          warnOfError(method, error);
          return this;
        }
      },
  );
}

export function guardSpan(prototype: object): void {
  guardSetAttribute(prototype);
  guardSpanMethod(
    prototype,
    'setAttributes',
    () => true,
    ([attributes]) => [goodAttributes(attributes, 'setAttributes')],
  );
  guardSpanMethod(
    prototype,
    'addEvent',
    (name, attributes, time) => typeof name === 'string' && !isBadTime(attributes) && !isBadTime(time),
    ([name, attributes, time]) => {
      const given = goodTime(attributes, 'addEvent');
      return [
        goodName(name, 'addEvent'),
        isTimeInput(given) ? given : goodAttributes(given, 'addEvent'),
        goodTime(time, 'addEvent'),
      ];
    },
  );
  guardSpanMethod(
    prototype,
    'addLink',
    (link) => isLinkContext(read(link, 'context')),
    ([link]) => {
      const links = goodLinks([link], 'addLink');
      return links.length === 0 ? undefined : links;
    },
  );
  guardSpanMethod(
    prototype,
    'addLinks',
    (links) => Array.isArray(links),
    ([links]) => {
      warn('addLinks', `expected an array of links (got ${typeof links})`);
      return undefined;
    },
  );
  guardSpanMethod(
    prototype,
    'setStatus',
    (status) => isStatusCode(read(status, 'code')),
    () => {
      warn('setStatus', 'the code is not a SpanStatusCode, the status stays what it was');
      return undefined;
    },
  );
  guardSpanMethod(
    prototype,
    'updateName',
    (name) => typeof name === 'string',
    ([name]) => {
      warn('updateName', 'the name must be a string');
      const given = text(name);
      return given === undefined ? undefined : [given];
    },
  );
  guardSpanMethod(
    prototype,
    'recordException',
    (_exception, time) => !isBadTime(time),
    ([exception, time]) => {
      const { type: name, message, stacktrace: stack } = describeException(exception);
      return [{ name, message, stack }, goodTime(time, 'recordException')];
    },
  );
  watchExceptions(prototype);
  guardEnd(prototype);
  guardLateCalls(prototype);
}

/** Separate, since it is called most often: no check before the call. */
function guardSetAttribute(prototype: object): void {
  replaceMethod(
    prototype,
    'setAttribute',
    (original) =>
      function (this: unknown, key: unknown, value: unknown): unknown {
        try {
          return original.call(this, key, value);
        } catch (error) {
          warn('setAttribute', `the attribute cannot be read, it is left out: ${oneLine(messageOf(error))}`);
          return this;
        }
      },
  );
}

/** The SDK keeps a description of it, not the object by which an error is known again. */
function watchExceptions(prototype: object): void {
  replaceMethod(
    prototype,
    'recordException',
    (original) =>
      function (this: unknown, exception: unknown, time: unknown): unknown {
        exceptionRecorded(scopeOf(this), exception);
        return original.call(this, exception, time);
      },
  );
}

/** `end()` ends the span, whatever it is given, and returns nothing. */
function guardEnd(prototype: object): void {
  replaceMethod(
    prototype,
    'end',
    (original) =>
      function (this: unknown, time: unknown): void {
        try {
          original.call(this, time === undefined ? undefined : goodTime(time, 'end'));
        } catch (error) {
          warnOfError('end', error);
        }
      },
  );
}

/**
 * What is added to a span that has ended is lost, and the SDK tells so. Not for the spans of our own instrumentations: a framework adds
 * to them, in its own time (Next.js: the route, when the response has been sent), and the application cannot help it.
 */
function guardLateCalls(prototype: object): void {
  replaceMethod(
    prototype,
    '_isSpanEnded',
    (original) =>
      function (this: unknown): unknown {
        return isOwnAndEnded(this) || original.call(this);
      },
  );
}

function isOwnAndEnded(span: unknown): boolean {
  if (read(span, 'ended') !== true) return false;
  return scopeOf(span)?.startsWith(OWN_SCOPES) === true;
}

function scopeOf(span: unknown): string | undefined {
  return readText(read(span, 'instrumentationScope'), 'name');
}
