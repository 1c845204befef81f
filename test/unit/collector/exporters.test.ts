import { join } from 'node:path';
import { SeverityNumber, ValueType } from '@opentelemetry/api';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Collector, startCollector } from '../../../src/collector.ts';
import { readLines, temporaryFolder } from '../../support/temporary-folder.ts';

const resource = resourceFromAttributes({ 'service.name': 'sends' });

async function start(): Promise<Collector> {
  const collector = await startCollector({ port: 0, directory: await temporaryFolder(), token: 'secret' });
  onTestFinished(async () => void (await collector.close()));
  return collector;
}

const rows = [
  { protocol: 'http/json', traces: JsonTraceExporter, metrics: JsonMetricExporter, logs: JsonLogExporter },
  {
    protocol: 'http/protobuf',
    traces: ProtobufTraceExporter,
    metrics: ProtobufMetricExporter,
    logs: ProtobufLogExporter,
  },
] as const;

describe.each(rows)('the exporters of the OpenTelemetry SDK, $protocol', ({ traces, metrics, logs }) => {
  test.each(['none', 'gzip'])('compression %s', async (compression) => {
    // The exporters' own option takes a type of a package that is not ours.
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', compression);
    onTestFinished(() => void vi.unstubAllEnvs());
    const collector = await start();
    const optionsFor = (signal: string) => ({
      url: `${collector.url}/v1/${signal}`,
      headers: { authorization: 'Bearer secret' },
    });
    const tracing = new TracerProvider({
      resource,
      spanProcessors: [new BatchSpanProcessor({ exporter: new traces(optionsFor('traces')) })],
    });
    for (let index = 0; index < 1000; index += 1) tracing.getTracer('t').startSpan(`span ${index}`).end();
    const metering = new MeterProvider({
      resource,
      readers: [new PeriodicExportingMetricReader({ exporter: new metrics(optionsFor('metrics')) })],
    });
    metering.getMeter('m').createCounter('requests', { valueType: ValueType.INT }).add(3, { route: '/' });
    metering.getMeter('m').createHistogram('duration').record(0.5);
    const logging = new LoggerProvider({
      resource,
      processors: [new SimpleLogRecordProcessor({ exporter: new logs(optionsFor('logs')) })],
    });
    logging.getLogger('l').emit({ body: 'hello', severityNumber: SeverityNumber.INFO });
    await Promise.all([tracing.shutdown(), metering.shutdown(), logging.shutdown()]);

    expect(collector.counts()).toMatchObject({
      traces: { items: 1000, rejected: 0, refused: 0 },
      metrics: { items: 2, rejected: 0, refused: 0 },
      logs: { items: 1, rejected: 0, refused: 0 },
    });
    const lines = await readLines(join(collector.directory, 'traces.jsonl'));
    const names = lines.flatMap((line) =>
      [...JSON.stringify(line).matchAll(/"name":"(span \d+)"/g)].map(([, name]) => name),
    );
    expect(new Set(names).size).toBe(1000);
  });
});
