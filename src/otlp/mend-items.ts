import { type Link, type SpanContext, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { mapped } from '../values/mapped.ts';
import type { Losses } from './losses.ts';
import { toOtlpTime } from './otlp-time.ts';
import { isObject } from '../values/is-object.ts';

// JavaScript can pass values that TypeScript forbids. A number or undefined in a string field makes JSON that the backend refuses
// as a whole, or invalid protobuf. Invalid fields are replaced or left out; an item that cannot be corrected is dropped. Valid
// items are returned unchanged.

type Scope = ReadableLogRecord['instrumentationScope'];

/** The name of a span or event without a name: OTLP requires a non-empty one. */
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

/** Whether OTLP can encode this context of a link. Ids of zeros are allowed. */
export function isLinkContext(value: unknown): value is SpanContext {
  if (!isObject(value)) return false;
  const context: Partial<Record<keyof SpanContext, unknown>> = value;
  const { traceId, spanId, traceFlags, traceState } = context;
  if (!isText(traceId) || !HEX.traceId.test(traceId) || !isText(spanId) || !HEX.spanId.test(spanId)) return false;
  if (traceFlags !== undefined && typeof traceFlags !== 'number') return false;
  if (traceState === undefined) return true;
  return isObject(traceState) && 'serialize' in traceState;
}

export function mendSpan(span: ReadableSpan, losses: Losses): ReadableSpan | undefined {
  const startTime = toOtlpTime(span.startTime);
  const endTime = toOtlpTime(span.endTime);
  if (startTime === undefined || endTime === undefined) {
    losses.addItem(1, 'a span has no valid time');
    return undefined;
  }
  const scope = mendScope(span.instrumentationScope);
  // Most spans have none.
  const events = span.events.length === 0 ? span.events : mapped(span.events, mendEvent);
  const links = span.links.length === 0 ? span.links : mapped(span.links, mendLink);
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

function mendLink(link: Link | undefined): Link | undefined {
  return isLinkContext(link?.context) ? link : undefined;
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

/** By the original scope: the encodings group items by the identity of their scope. */
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

/** A string for a field: numbers, booleans and bigints as text; undefined for any other value. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
    ? String(value)
    : undefined;
}

/** A copy with other values in some fields. It inherits methods and getters from the original, which stays unchanged. */
function changed<T extends object>(item: T, values: { readonly [Key in keyof T]?: unknown }): T {
  const result: T = Object.create(item);
  for (const [key, value] of Object.entries(values)) Object.defineProperty(result, key, { value, enumerable: true });
  return result;
}
