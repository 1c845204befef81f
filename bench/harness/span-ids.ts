/**
 * The ids of the spans in the body of an OTLP trace request, in hexadecimal. Nothing else is decoded: the
 * backend shares two cores with the program that is measured.
 */
export function spanIdsOf(body: Buffer, contentType: string): string[] {
  return contentType.startsWith('application/json') ? fromJson(body) : fromProtobuf(body);
}

interface TraceRequest {
  resourceSpans?: { scopeSpans?: { spans?: { spanId?: string }[] }[] }[];
}

function fromJson(body: Buffer): string[] {
  const request: TraceRequest = JSON.parse(body.toString());
  return (request.resourceSpans ?? [])
    .flatMap((resource) => resource.scopeSpans ?? [])
    .flatMap((scope) => scope.spans ?? [])
    .map((span) => span.spanId ?? '');
}

// opentelemetry.proto.collector.trace.v1: resource_spans = 1, scope_spans = 2, spans = 2, span_id = 2.
const PATH_TO_SPAN_ID = [1, 2, 2, 2];

function fromProtobuf(body: Buffer): string[] {
  const ids: string[] = [];
  walk(body, 0, ids);
  return ids;
}

function walk(message: Buffer, depth: number, ids: string[]): void {
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    let shift = 1;
    for (;;) {
      const byte = message[offset];
      if (byte === undefined) throw new Error(`protobuf: message ends inside a number (depth ${depth})`);
      offset += 1;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
      shift *= 128;
    }
  };
  while (offset < message.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 1) offset += 8;
    else if (wireType === 5) offset += 4;
    else if (wireType === 2) {
      const length = varint();
      const field = message.subarray(offset, offset + length);
      offset += length;
      if (Math.floor(tag / 8) !== PATH_TO_SPAN_ID[depth]) continue;
      if (depth === PATH_TO_SPAN_ID.length - 1) ids.push(field.toString('hex'));
      else walk(field, depth + 1, ids);
    } else throw new Error(`protobuf: wire type ${wireType} at offset ${offset} (depth ${depth})`);
  }
}
