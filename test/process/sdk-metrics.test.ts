import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

it('exports the SDK’s metrics about itself with those of the application, if enabled', async () => {
  const backend = await startBackend();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_NODE_EXPERIMENTAL_SDK_METRICS: 'true' };
  expect(await runFixture({ program: 'emit-all-signals.mjs', env })).toMatchObject({ code: 0, stderr: '' });
  const own = backend.metrics().filter(({ name }) => name.startsWith('otel.sdk.'));
  expect(own.find(({ name }) => name === 'otel.sdk.span.started')).toMatchObject({
    unit: '{span}',
    kind: 'sum',
    monotonic: true,
    value: 2,
    attributes: { 'otel.span.parent.origin': 'none', 'otel.span.sampling_result': 'RECORD_AND_SAMPLE' },
    scope: { name: 'swansong' },
  });
  expect(new Set(own.map(({ name }) => name))).toEqual(
    new Set([
      'otel.sdk.span.live',
      'otel.sdk.span.started',
      'otel.sdk.log.created',
      'otel.sdk.processor.span.queue.size',
      'otel.sdk.processor.span.queue.capacity',
      'otel.sdk.processor.span.processed',
      'otel.sdk.processor.log.queue.size',
      'otel.sdk.processor.log.queue.capacity',
      'otel.sdk.processor.log.processed',
      'otel.sdk.exporter.span.inflight',
      'otel.sdk.exporter.span.exported',
      'otel.sdk.exporter.log.inflight',
      'otel.sdk.exporter.log.exported',
      'otel.sdk.exporter.metric_data_point.inflight',
      'otel.sdk.exporter.metric_data_point.exported',
    ]),
  );
});
