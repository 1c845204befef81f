import { fieldsAt } from './protobuf-fields.ts';

// opentelemetry.proto.collector.trace.v1: resource_spans = 1, scope_spans = 2, spans = 2, span_id = 2, parent_span_id = 4.
const PATH_TO_SPAN = [1, 2, 2];
const FIELD = { spanId: 2, parentSpanId: 4 } as const;

/** The ids of the spans in the body of an OTLP trace request, in hexadecimal. */
export function spanIdsOf(body: Buffer, contentType: string): string[] {
  return idsOf('spanId', body, contentType);
}

/** The ids of their parents; spans without one are left out. */
export function parentSpanIdsOf(body: Buffer, contentType: string): string[] {
  return idsOf('parentSpanId', body, contentType).filter((id) => id !== '');
}

function idsOf(name: keyof typeof FIELD, body: Buffer, contentType: string): string[] {
  if (!contentType.startsWith('application/json')) {
    return fieldsAt(body, [...PATH_TO_SPAN, FIELD[name]]).map((id) => id.toString('hex'));
  }
  const request: TraceRequest = JSON.parse(body.toString());
  return (request.resourceSpans ?? [])
    .flatMap((resource) => resource.scopeSpans ?? [])
    .flatMap((scope) => scope.spans ?? [])
    .map((span) => span[name] ?? '');
}

interface TraceRequest {
  resourceSpans?: { scopeSpans?: { spans?: { spanId?: string; parentSpanId?: string }[] }[] }[];
}
