import { fieldsAt } from './protobuf-fields.ts';

// opentelemetry.proto.collector.trace.v1: resource_spans = 1, scope_spans = 2, spans = 2, span_id = 2.
const PATH_TO_SPAN_ID = [1, 2, 2, 2];

/** The ids of the spans in the body of an OTLP trace request, in hexadecimal. */
export function spanIdsOf(body: Buffer, contentType: string): string[] {
  if (!contentType.startsWith('application/json')) {
    return fieldsAt(body, PATH_TO_SPAN_ID).map((id) => id.toString('hex'));
  }
  const request: TraceRequest = JSON.parse(body.toString());
  return (request.resourceSpans ?? [])
    .flatMap((resource) => resource.scopeSpans ?? [])
    .flatMap((scope) => scope.spans ?? [])
    .map((span) => span.spanId ?? '');
}

interface TraceRequest {
  resourceSpans?: { scopeSpans?: { spans?: { spanId?: string }[] }[] }[];
}
