// The least that a span for each request costs with OpenTelemetry's own tracer and exporter: by Node's channel, two attributes, no
// context, no propagation, no metrics.
'use strict';
const { subscribe } = require('node:diagnostics_channel');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { BatchSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace');

const processor = new BatchSpanProcessor({ exporter: new OTLPTraceExporter() });
const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('floor');
subscribe('http.server.request.start', ({ request, response }) => {
  if (request.url.startsWith('/v1/')) return;
  const attributes = { 'http.request.method': request.method, 'url.path': request.url };
  const span = tracer.startSpan(request.method, { kind: 1, attributes });
  response.once('close', () => span.end());
});
