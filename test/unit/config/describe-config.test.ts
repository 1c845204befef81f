import { expect, test } from 'vitest';
import { describeConfig } from '../../../src/config/describe-config.ts';

test('nothing set, nothing to say', () => {
  expect(describeConfig({})).toEqual([]);
  expect(describeConfig({ OTEL_SERVICE_NAME: ' ', PATH: '/bin' })).toEqual([]);
});

test('each variable that is set, with the value that holds', () => {
  const lines = describeConfig({
    OTEL_SERVICE_NAME: 'checkout',
    OTEL_TRACES_SAMPLER: 'ALWAYS_ON',
    OTEL_PROPAGATORS: 'b3,nonsense',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_SPAN_LINK_COUNT_LIMIT: 'many',
    OTEL_EXPORTER_OTLP_TIMEOUT: '0',
    OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '-5',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '-----BEGIN CERTIFICATE-----',
    OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=x%20y',
  });
  expect(lines.toSorted()).toEqual([
    'OTEL_EXPORTER_OTLP_CERTIFICATE is ignored',
    'OTEL_EXPORTER_OTLP_LOGS_TIMEOUT=no limit',
    'OTEL_EXPORTER_OTLP_TIMEOUT=no limit',
    'OTEL_LOGS_EXPORTER=none',
    'OTEL_PROPAGATORS=b3',
    'OTEL_RESOURCE_ATTRIBUTES=a="1", b="x y"',
    'OTEL_SERVICE_NAME="checkout"',
    'OTEL_SPAN_LINK_COUNT_LIMIT=128',
    'OTEL_TRACES_SAMPLER=always_on',
  ]);
});

test('a clamped value is shown clamped', () => {
  expect(describeConfig({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '20' })).toEqual(
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE=10', 'OTEL_BSP_MAX_QUEUE_SIZE=10'].toReversed(),
  );
});

test('a general variable that every signal overrides is still described', () => {
  const lines = describeConfig({
    OTEL_ATTRIBUTE_COUNT_LIMIT: '1',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2',
    OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '3',
  });
  expect(lines).toContain('OTEL_ATTRIBUTE_COUNT_LIMIT=1');
});

test('headers appear by name, URLs without user information and query', () => {
  expect(
    describeConfig({
      OTEL_EXPORTER_OTLP_HEADERS: 'Api-Key=hunter2,x=hunter2',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:hunter2@host/otlp?key=hunter2',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://hunter2@host',
    }),
  ).toEqual([
    'OTEL_EXPORTER_OTLP_ENDPOINT=https://[redacted]@host/otlp?[redacted]',
    'OTEL_EXPORTER_OTLP_HEADERS=api-key=[redacted], x=[redacted]',
    'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=https://[redacted]@host/',
  ]);
});
