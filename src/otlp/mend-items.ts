import { type Link, type SpanContext, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { mapped } from '../values/mapped.ts';
import type { Losses } from './losses.ts';
import { toOtlpTime } from './otlp-time.ts';

// JavaScript hands over what TypeScript forbids. A string field with a number in it, or without anything, makes JSON that the
// backend refuses as a whole, or protobuf that nobody can read. What is lost by mending is less than an item; what cannot be
// mended is the item. Good items are only looked at.

type Scope = ReadableLogRecord['instrumentationScope'];

/** The name of a span or event that was given none: OTLP asks for one that is not empty. */
export const NO_NAME = 'unknown';

const HEX: Readonly<Record<'traceId' | 'spanId', RegExp>> = { traceId: /^[\da-f]{32}$/i, spanId: /^[\da-f]{16}$/i };

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isTextOrMissing(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

export function isSpanKind(value: unknown): boolean {
  return typeof value === 'number' && SpanKind[value] !== undefined;
}

export function isStatusCode(value: unknown): boolean {
  return typeof value === 'number' && SpanStatusCode[value] !== undefined;
}

/** Whether OTLP has a form for this context of a link. Ids of zeros have one. */
export function isLinkContext(value: unknown): value is SpanContext {
  if (typeof value !== 'object' || value === null) return false;
  const context: Partial<Record<keyof SpanContext, unknown>> = value;
  const { traceId, spanId, traceFlags, traceState } = context;
  if (!isText(traceId) || !HEX.traceId.test(traceId) || !isText(spanId) || !HEX.spanId.test(spanId)) return false;
  if (traceFlags !== undefined && typeof traceFlags !== 'number') return false;
  if (traceState === undefined) return true;
  return typeof traceState === 'object' && traceState !== null && 'serialize' in traceState;
}

export function mendSpan(span: ReadableSpan, losses: Losses): ReadableSpan | undefined {
  const startTime = toOtlpTime(span.startTime);
  const endTime = toOtlpTime(span.endTime);
  if (startTime === undefined || endTime === undefined) {
    losses.addItem(1, 'a span has no valid time');
    return undefined;
  }
  const scope = mendScope(span.instrumentationScope);
  const events = mapped(span.events, mendEvent);
  const links = mapped(span.links, (link: Link | undefined) => (isLinkContext(link?.context) ? link : undefined));
  const { code, message } = span.status;
  const status = isStatusCode(code) && isTextOrMissing(message);
  if (
    isText(span.name) &&
    isSpanKind(span.kind) &&
    status &&
    startTime === span.startTime &&
    endTime === span.endTime &&
    scope === span.instrumentationScope &&
    events === span.events &&
    links === span.links
  ) {
    return span;
  }
  return changed(span, {
    name: text(span.name) ?? NO_NAME,
    kind: isSpanKind(span.kind) ? span.kind : SpanKind.INTERNAL,
    startTime,
    endTime,
    status: status ? span.status : { code: SpanStatusCode.UNSET },
    instrumentationScope: scope,
    events,
    droppedEventsCount: span.droppedEventsCount + span.events.length - events.length,
    links,
    droppedLinksCount: span.droppedLinksCount + span.links.length - links.length,
  });
}

function mendEvent(event: TimedEvent): TimedEvent | undefined {
  const time = toOtlpTime(event.time);
  if (time === undefined) return undefined;
  if (isText(event.name) && time === event.time) return event;
  return { ...event, time, name: text(event.name) ?? NO_NAME };
}

export function mendLogRecord(record: ReadableLogRecord, losses: Losses): ReadableLogRecord | undefined {
  const hrTime = toOtlpTime(record.hrTime);
  const hrTimeObserved = toOtlpTime(record.hrTimeObserved);
  if (hrTime === undefined || hrTimeObserved === undefined) {
    losses.addItem(1, 'a log record has no valid time');
    return undefined;
  }
  const scope = mendScope(record.instrumentationScope);
  const { severityNumber, severityText, eventName } = record;
  const severity = severityNumber === undefined || Number.isInteger(severityNumber);
  if (
    severity &&
    hrTime === record.hrTime &&
    hrTimeObserved === record.hrTimeObserved &&
    isTextOrMissing(severityText) &&
    isTextOrMissing(eventName) &&
    scope === record.instrumentationScope
  ) {
    return record;
  }
  return changed(record, {
    hrTime,
    hrTimeObserved,
    severityNumber: severity ? severityNumber : undefined,
    severityText: text(severityText),
    eventName: text(eventName),
    instrumentationScope: scope,
  });
}

/** By the scope as it is: the encodings group by its identity. */
const mendedScopes = new WeakMap<Scope, Scope>();

/** A scope without a name has an empty one (trace API, "Get a Tracer"). */
export function mendScope(scope: Scope): Scope {
  if (isText(scope.name) && isTextOrMissing(scope.version) && isTextOrMissing(scope.schemaUrl)) return scope;
  let mended = mendedScopes.get(scope);
  if (mended === undefined) {
    const { version, schemaUrl } = scope;
    mended = { ...scope, name: text(scope.name) ?? '' };
    for (const [key, value] of Object.entries({ version: text(version), schemaUrl: text(schemaUrl) })) {
      if (value === undefined) Reflect.deleteProperty(mended, key);
      else Reflect.set(mended, key, value);
    }
    mendedScopes.set(scope, mended);
  }
  return mended;
}

/** What stands for a text that is none: a number as its digits; nothing for what has no text worth reading. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
    ? String(value)
    : undefined;
}

/** The item with other values in some fields: the application's own is not touched, and its methods and getters stay. */
function changed<T extends object>(item: T, values: { readonly [Key in keyof T]?: unknown }): T {
  const result: T = Object.create(item);
  for (const [key, value] of Object.entries(values)) Object.defineProperty(result, key, { value, enumerable: true });
  return result;
}
