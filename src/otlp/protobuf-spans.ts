import type { Link, SpanContext } from '@opentelemetry/api';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { spanFlags } from './json-requests.ts';
import { writeKeyValues } from './protobuf-values.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

// opentelemetry/proto/trace/v1/trace.proto. A tag is the field's number and how it is encoded: 0 varint, 1 and 5 fixed, 2 with a length.

/** Kept for the next batch, if it is not larger: the spans of a batch take a few hundred kilobytes. */
const LARGEST_KEPT = 4 * 1024 * 1024;
let kept: ProtobufWriter | undefined;

/** The bytes of an `ExportTraceServiceRequest`. @throws what a getter of the application throws */
export function traceRequestBytes(spans: readonly ReadableSpan[]): Uint8Array {
  const writer = kept ?? new ProtobufWriter();
  // A getter in an attribute may end the process, which encodes what is left while this call has not returned.
  kept = undefined;
  writer.clear();
  for (const [resource, ofResource] of Map.groupBy(spans, (span) => span.resource)) {
    writer.byte(0x0a);
    const resourceSpans = writer.begin(0x40_00);
    writer.byte(0x0a);
    const start = writer.begin(0x80);
    writeKeyValues(writer, 0x0a, resource.attributes);
    writer.byte(0x10);
    writer.byte(0);
    writer.end(start);
    for (const [scope, ofScope] of Map.groupBy(ofResource, (span) => span.instrumentationScope)) {
      writeScopeSpans(writer, scope, ofScope);
    }
    writeText(writer, 0x1a, resource.schemaUrl);
    writer.end(resourceSpans);
  }
  const bytes = writer.take();
  if (writer.capacity <= LARGEST_KEPT) kept = writer;
  return bytes;
}

function writeScopeSpans(
  writer: ProtobufWriter,
  scope: ReadableLogRecord['instrumentationScope'],
  spans: readonly ReadableSpan[],
): void {
  writer.byte(0x12);
  const scopeSpans = writer.begin(0x40_00);
  writer.byte(0x0a);
  const start = writer.begin(1);
  writeText(writer, 0x0a, scope.name);
  writeText(writer, 0x12, scope.version);
  if (scope.attributes !== undefined) writeKeyValues(writer, 0x1a, scope.attributes);
  writeCount(writer, 0x20, scope.droppedAttributesCount ?? 0);
  writer.end(start);
  for (const span of spans) {
    writer.byte(0x12);
    writeSpan(writer, span);
  }
  writeText(writer, 0x1a, scope.schemaUrl);
  writer.end(scopeSpans);
}

function writeSpan(writer: ProtobufWriter, span: ReadableSpan): void {
  const start = writer.begin(0x80);
  const context = span.spanContext();
  const { parentSpanContext: parent, startTime, endTime, status } = span;
  writeContext(writer, context);
  if (parent !== undefined && parent.spanId !== '') {
    writer.byte(0x22);
    writer.hex(parent.spanId);
  }
  writer.byte(0x2a);
  writer.string(span.name);
  writer.byte(0x30);
  writer.byte(span.kind + 1);
  writer.byte(0x39);
  writer.unixNano(startTime[0], startTime[1]);
  writer.byte(0x41);
  writer.unixNano(endTime[0], endTime[1]);
  writeKeyValues(writer, 0x4a, span.attributes);
  writeCount(writer, 0x50, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(writer, event);
  writeCount(writer, 0x60, span.droppedEventsCount);
  for (const link of span.links) writeLink(writer, link);
  writeCount(writer, 0x70, span.droppedLinksCount);
  writer.byte(0x7a);
  const statusStart = writer.begin(1);
  writeText(writer, 0x12, status.message);
  writeCount(writer, 0x18, status.code);
  writer.end(statusStart);
  // Field 16: the first one whose tag has two bytes.
  writer.byte(0x85);
  writer.byte(0x01);
  writer.fixed32(spanFlags(context.traceFlags, parent?.isRemote));
  writer.end(start);
}

/** The first three fields of a span and of a link. */
function writeContext(writer: ProtobufWriter, { traceId, spanId, traceState }: SpanContext): void {
  writer.byte(0x0a);
  writer.hex(traceId);
  writer.byte(0x12);
  writer.hex(spanId);
  writeText(writer, 0x1a, traceState?.serialize());
}

function writeEvent(writer: ProtobufWriter, { name, time, attributes, droppedAttributesCount = 0 }: TimedEvent): void {
  writer.byte(0x5a);
  const start = writer.begin(0x80);
  writer.byte(0x09);
  writer.unixNano(time[0], time[1]);
  writer.byte(0x12);
  writer.string(name);
  if (attributes !== undefined) writeKeyValues(writer, 0x1a, attributes);
  writeCount(writer, 0x20, droppedAttributesCount);
  writer.end(start);
}

function writeLink(writer: ProtobufWriter, { context, attributes, droppedAttributesCount = 0 }: Link): void {
  writer.byte(0x6a);
  const start = writer.begin(1);
  writeContext(writer, context);
  if (attributes !== undefined) writeKeyValues(writer, 0x22, attributes);
  writeCount(writer, 0x28, droppedAttributesCount);
  writer.byte(0x35);
  writer.fixed32(spanFlags(context.traceFlags, context.isRemote));
  writer.end(start);
}

function writeText(writer: ProtobufWriter, tag: number, text: string | undefined): void {
  if (text === undefined || text === '') return;
  writer.byte(tag);
  writer.string(text);
}

/** A field of zero is the same as none. */
function writeCount(writer: ProtobufWriter, tag: number, count: number): void {
  if (count === 0) return;
  writer.byte(tag);
  writer.varint(count);
}
