import { type Attributes, SpanKind } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { seriesAttributes } from '../../src/instrumentation/series-attributes.ts';
import { encodeBatch } from '../../src/otlp/encode-batch.ts';
import { spanEncoding } from '../../src/otlp/otlp-encoding.ts';
import { Outbox } from '../../src/outbox/outbox.ts';
import { writeResults } from '../harness/results.ts';
import { median, quantile } from '../harness/statistics.ts';
import { fixed, formatTable } from '../harness/table.ts';

const BATCH = 512;
const OPERATIONS = 20_000;

const attributes = (index: number): Attributes => ({
  'http.request.method': 'GET',
  'url.scheme': 'http',
  'url.path': `/items/${index}`,
  'network.protocol.version': '1.1',
  'server.address': '127.0.0.1',
  'server.port': 8080,
  'network.peer.address': '127.0.0.1',
  'network.peer.port': 40_000 + (index % 32),
  'client.address': '127.0.0.1',
  'user_agent.original': 'bench',
  'http.response.status_code': 200,
  'http.route': '/items/:id',
});
const measured: Attributes = {
  'http.request.method': 'GET',
  'url.scheme': 'http',
  'network.protocol.version': '1.1',
  'http.response.status_code': 200,
  'http.route': '/items/:id',
};

const resource = resourceFromAttributes({ 'service.name': 'bench' });
const tracer = new TracerProvider({ resource }).getTracer('bench');
/** Without a reader nothing would be recorded. */
const reader = new PeriodicExportingMetricReader({
  exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
  exportIntervalMillis: 3_600_000,
});
const histogram = new MeterProvider({ resource, readers: [reader] }).getMeter('bench').createHistogram('duration');

function endedSpan(index: number): ReadableSpan {
  const span = tracer.startSpan('GET /items/:id', { kind: SpanKind.SERVER, attributes: attributes(index) });
  span.end();
  if (!isReadable(span)) throw new Error('expected a span that is recorded');
  return span;
}

function isReadable(span: object): span is ReadableSpan {
  return 'resource' in span && 'endTime' in span;
}

/** What each operation does once; `count` of them are a sample. */
interface Operation {
  readonly name: string;
  readonly run: (count: number) => void;
}

function operations(): readonly Operation[] {
  const spans = Array.from({ length: BATCH }, (_, index) => endedSpan(index));
  const outbox = new Outbox<ReadableSpan>({
    maxQueueSize: 2048,
    maxBatchSize: BATCH,
    maxInFlight: 10,
    scheduleDelayMillis: 60_000,
    attemptTimeoutMillis: 60_000,
    deliver: () => Promise.resolve({ status: 'delivered', rejected: 0, message: '' }),
  });
  const perSpan = (encode: (batch: readonly ReadableSpan[]) => unknown) => (count: number) => {
    for (let done = 0; done < count; done += BATCH) encode(spans);
  };
  const each = (run: (index: number) => void) => (count: number) => {
    for (let index = 0; index < count; index += 1) run(index);
  };
  return [
    { name: 'a span of the SDK, start to end, 12 attributes', run: each(endedSpan) },
    { name: 'a span as protobuf (of 512)', run: perSpan((batch) => encodeBatch(spanEncoding('http/protobuf'), batch)) },
    {
      name: "a span as protobuf, OpenTelemetry's serializer",
      run: perSpan((batch) => ProtobufTraceSerializer.serializeRequest([...batch])),
    },
    { name: 'a span as JSON (of 512)', run: perSpan((batch) => encodeBatch(spanEncoding('http/json'), batch)) },
    {
      name: 'a span into the outbox',
      run: each((index) => outbox.add(spans[index % BATCH] ?? endedSpan(index), { atOnce: false })),
    },
    { name: 'a duration, attributes made anew', run: each(() => histogram.record(0.01, { ...measured })) },
    { name: 'the same series again', run: each(() => seriesAttributes({ ...measured })) },
  ];
}

/** Nanoseconds per operation, in this process: a change shows without the noise of a whole server. */
export async function micro(rounds = 15): Promise<void> {
  const all = operations();
  for (const { run } of all) run(OPERATIONS);
  const samples = new Map(all.map(({ name }): [string, number[]] => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run } of all) {
      const startedAt = performance.now();
      run(OPERATIONS);
      samples.get(name)?.push(((performance.now() - startedAt) * 1e6) / OPERATIONS);
    }
  }
  await reader.shutdown();
  console.log(
    formatTable(
      ['', 'ns', 'quartiles'],
      Array.from(samples, ([name, nanos]) => [
        name,
        fixed(median(nanos)),
        `${fixed(quantile(nanos, 0.25))} … ${fixed(quantile(nanos, 0.75))}`,
      ]),
    ),
  );
  await writeResults('micro', { rounds, operations: OPERATIONS, nanos: Object.fromEntries(samples) });
}
