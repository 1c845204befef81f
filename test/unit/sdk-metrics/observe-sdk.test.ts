import { type DataPoint, MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import type { Deliver, DeliveryResult } from '../../../src/outbox/delivery.ts';
import { ExportObserver } from '../../../src/sdk-metrics/export-observer.ts';
import { OutboxMetricReader } from '../../../src/outbox/metric-reader.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';
import { observeSdk, type SdkMetricsSources } from '../../../src/sdk-metrics/observe-sdk.ts';

type Collect = () => Promise<Record<string, unknown>>;

/** A meter of a pipeline of its own, and what it has: `name{attributes}` to value, or to the count of a histogram. */
function observed(sources: Partial<SdkMetricsSources>): Collect {
  const outbox = new Outbox<ResourceMetrics>({
    maxQueueSize: 10,
    maxBatchSize: 1,
    maxInFlight: 1,
    scheduleDelayMillis: 1e6,
    attemptTimeoutMillis: Infinity,
    deliver: () => Promise.resolve({ status: 'delivered', rejected: 0, message: '' }),
  });
  const reader = new OutboxMetricReader({
    outbox,
    intervalMillis: 1e6,
    collectTimeoutMillis: 1000,
    flushTimeoutMillis: 1000,
  });
  const provider = new MeterProvider({ readers: [reader] });
  onTestFinished(() => provider.shutdown());
  observeSdk(provider.getMeter('test'), {
    paths: [],
    startedSpans: () => [],
    liveSpans: () => ({ sampled: 0, recordOnly: 0 }),
    createdLogRecords: () => 0,
    onCollection: () => {},
    ...sources,
  });
  return async () => {
    const { resourceMetrics } = await reader.collect();
    return Object.fromEntries(
      resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ descriptor, dataPoints }) =>
          (dataPoints as readonly DataPoint<number | { readonly count: number }>[]).map((point) => [
            `${descriptor.name} ${descriptor.unit} ${Object.entries(point.attributes)
              .map(([key, value]) => `${key}=${String(value)}`)
              .join(' ')}`,
            typeof point.value === 'number' ? point.value : point.value.count,
          ]),
        ),
      ),
    );
  };
}

function spanPath(deliver: Deliver<string>) {
  const exports = new ExportObserver<string>(({ length }) => length);
  const outbox = new Outbox<string>({
    maxQueueSize: 3,
    maxBatchSize: 2,
    maxInFlight: 1,
    scheduleDelayMillis: 1e6,
    attemptTimeoutMillis: Infinity,
    deliver: exports.watch(deliver),
  });
  const path = {
    signal: 'span',
    exporterType: 'otlp_http_span_exporter',
    server: { 'server.address': 'backend', 'server.port': 4318 },
    figures: () => outbox.figures(),
    exports,
  } as const;
  return { outbox, path };
}

const PROCESSOR = 'otel.component.type=batching_span_processor otel.component.name=batching_span_processor/0';
const EXPORTER =
  'otel.component.type=otlp_http_span_exporter otel.component.name=otlp_http_span_exporter/0 server.address=backend server.port=4318';

describe('observeSdk', () => {
  it('has the items that wait, are in flight, were exported and were dropped before an attempt', async () => {
    const { promise, resolve } = Promise.withResolvers<DeliveryResult>();
    const { outbox, path } = spanPath(() => promise);
    const collect = observed({ paths: [path] });
    outbox.add('a');
    outbox.add('b');
    const flushed = outbox.flush(Deadline.after(5000));
    await expect.poll(() => path.exports.inFlight).toBe(2);
    for (const item of ['c', 'd', 'e', 'f']) outbox.add(item);
    const during = await collect();
    expect(during).toMatchObject({
      [`otel.sdk.processor.span.queue.size {span} ${PROCESSOR}`]: 3,
      [`otel.sdk.processor.span.queue.capacity {span} ${PROCESSOR}`]: 3,
      [`otel.sdk.processor.span.processed {span} ${PROCESSOR}`]: 2,
      [`otel.sdk.processor.span.processed {span} ${PROCESSOR} error.type=queue_full`]: 1,
      [`otel.sdk.exporter.span.inflight {span} ${EXPORTER}`]: 2,
      [`otel.sdk.exporter.span.exported {span} ${EXPORTER}`]: 0,
    });
    expect(Object.keys(during)).not.toContainEqual(expect.stringContaining('already_shutdown'));
    resolve({ status: 'delivered', rejected: 1, message: 'one is bad' });
    await flushed;
    outbox.stop();
    outbox.add('late');
    expect(await collect()).toMatchObject({
      [`otel.sdk.processor.span.processed {span} ${PROCESSOR} error.type=already_shutdown`]: 1,
      [`otel.sdk.exporter.span.exported {span} ${EXPORTER}`]: 1,
      [`otel.sdk.exporter.span.exported {span} ${EXPORTER} error.type=rejected`]: 1,
      [`otel.sdk.exporter.span.inflight {span} ${EXPORTER}`]: 0,
      [`otel.sdk.exporter.operation.duration s ${EXPORTER}`]: 1,
    });
  });

  it('has what could not be sent, in what the signal counts', async () => {
    const invalid = { items: 1, size: 1, message: 'no name' };
    const results: DeliveryResult[] = [
      { status: 'delivered', rejected: 0, message: '', invalid },
      { status: 'refused', error: new Error('HTTP 400'), invalid },
      { status: 'invalid', error: new Error('no name') },
    ];
    const { outbox, path } = spanPath((items) => {
      const result = results.shift();
      if (result === undefined) throw new Error(`nobody foresaw ${items.join('')}`);
      return Promise.resolve(result);
    });
    const collect = observed({ paths: [path] });
    for (const batch of ['ab', 'cd', 'ef', 'gh']) {
      for (const item of batch) outbox.add(item);
      await outbox.flush(Deadline.after(5000));
    }
    outbox.stop();
    expect(await collect()).toMatchObject({
      [`otel.sdk.exporter.span.exported {span} ${EXPORTER}`]: 1,
      // One by the backend, two by a delivery that threw for each of them.
      [`otel.sdk.exporter.span.exported {span} ${EXPORTER} error.type=refused`]: 3,
      [`otel.sdk.exporter.span.exported {span} ${EXPORTER} error.type=invalid`]: 4,
      [`otel.sdk.exporter.span.inflight {span} ${EXPORTER}`]: 0,
    });
    expect(outbox.counts()).toMatchObject({ delivered: 1, waiting: 0, dropped: { refused: 3, invalid: 4 } });
  });

  it('counts items that are sent again as neither exported nor failed; their attempts have the error code', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { outbox, path } = spanPath(() =>
      Promise.resolve({ status: 'failed', error: refused, retryAfterMillis: 60_000 }),
    );
    const collect = observed({ paths: [path] });
    outbox.add('a');
    await outbox.flush(Deadline.after(50));
    const found = await collect();
    expect(found).toMatchObject({
      [`otel.sdk.processor.span.queue.size {span} ${PROCESSOR}`]: 1,
      [`otel.sdk.processor.span.processed {span} ${PROCESSOR}`]: 1,
      [`otel.sdk.exporter.span.exported {span} ${EXPORTER}`]: 0,
    });
    expect(found[`otel.sdk.exporter.operation.duration s ${EXPORTER} error.type=ECONNREFUSED`]).toBeGreaterThan(0);
    outbox.stop();
  });

  it('has the spans started and live, the log records created, and the collections', async () => {
    const listeners: ((seconds: number, errorType: string | undefined) => void)[] = [];
    const collect = observed({
      startedSpans: () => [{ origin: 'remote', result: 'DROP', count: 7 }],
      liveSpans: () => ({ sampled: 2, recordOnly: 1 }),
      createdLogRecords: () => 5,
      onCollection: (listener) => void listeners.push(listener),
    });
    for (const listener of listeners) listener(0.01, undefined);
    expect(await collect()).toEqual({
      'otel.sdk.span.started {span} otel.span.parent.origin=remote otel.span.sampling_result=DROP': 7,
      'otel.sdk.span.live {span} otel.span.sampling_result=RECORD_AND_SAMPLE': 2,
      'otel.sdk.span.live {span} otel.span.sampling_result=RECORD_ONLY': 1,
      'otel.sdk.log.created {log_record} ': 5,
      'otel.sdk.metric_reader.collection.duration s otel.component.type=periodic_metric_reader otel.component.name=periodic_metric_reader/0': 1,
    });
  });
});
