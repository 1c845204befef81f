import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';

/** A span as the SDK's own serializer writes it: this side shares nothing with the backend's decoder. */
function protobufSpan(name: string): {
  body: Uint8Array<ArrayBuffer>;
  traceId: string;
  spanId: string;
} {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const span = provider.getTracer('library', '1.2.3').startSpan(name);
  span.setAttributes({ text: 'x', whole: 42, half: 0.5, yes: true, list: ['a', 'b'] });
  span.addEvent('moment', { at: 1 });
  span.end();
  const body = ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans());
  if (body === undefined) throw new Error('the span was not serialized');
  return { body: Uint8Array.from(body), ...span.spanContext() };
}

const headers = { 'content-type': 'application/x-protobuf' };

async function answerTo(url: string, body: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const response = await fetch(url, { method: 'POST', headers, body });
  expect(response.headers.get('content-type')).toBe('application/x-protobuf');
  return new Uint8Array(await response.arrayBuffer());
}

test('a span of the SDK, in protobuf', async () => {
  const backend = await startBackend();
  const { body, traceId, spanId } = protobufSpan('GET /');
  expect(await answerTo(`${backend.url}/v1/traces`, body)).toHaveLength(0);
  expect(backend.spans()).toMatchObject([
    {
      traceId,
      spanId,
      parentSpanId: '',
      name: 'GET /',
      resource: { 'service.name': 'shop' },
      scope: { name: 'library', version: '1.2.3' },
      attributes: { text: 'x', whole: 42, half: 0.5, yes: true, list: ['a', 'b'] },
      events: [{ name: 'moment', attributes: { at: 1 } }],
    },
  ]);
  await backend.waitFor(() => backend.acknowledgedSpans().length === 1);
});

test('partial success in protobuf, read by the SDK', async () => {
  const backend = await startBackend({ kind: 'partial', rejected: 300, message: 'too old' });
  const empty = new Uint8Array();
  const traces = await answerTo(`${backend.url}/v1/traces`, empty);
  expect(ProtobufTraceSerializer.deserializeResponse(traces)).toEqual({
    partialSuccess: { rejectedSpans: 300, errorMessage: 'too old' },
  });
  const logs = await answerTo(`${backend.url}/v1/logs`, empty);
  expect(ProtobufLogsSerializer.deserializeResponse(logs)).toEqual({
    partialSuccess: { rejectedLogRecords: 300, errorMessage: 'too old' },
  });
  const metrics = await answerTo(`${backend.url}/v1/metrics`, empty);
  expect(ProtobufMetricsSerializer.deserializeResponse(metrics)).toEqual({
    partialSuccess: { rejectedDataPoints: 300, errorMessage: 'too old' },
  });
});

test('bytes that are no protobuf get 400 with a google.rpc.Status', async () => {
  const backend = await startBackend();
  const body = await answerTo(`${backend.url}/v1/traces`, Uint8Array.of(0x0a, 0x7f));
  expect(backend.requests).toMatchObject([{ answered: 400, problem: expect.stringContaining('not valid protobuf') }]);
  // Field 2, a string: the message.
  expect(body[0]).toBe(0x12);
  expect(Buffer.from(body).toString()).toContain('not valid protobuf');
});
