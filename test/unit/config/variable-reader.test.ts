import { expect, test } from 'vitest';
import { VariableReader } from '../../../src/config/variable-reader.ts';

test('a value is read without the space around it', () => {
  const reader = new VariableReader({
    OTEL_SERVICE_NAME: ' a b ',
    OTEL_BSP_MAX_QUEUE_SIZE: '\t7\n',
  });
  expect(reader.string('OTEL_SERVICE_NAME')).toBe('a b');
  expect(reader.integer('OTEL_BSP_MAX_QUEUE_SIZE')).toBe(7);
});

test('an unusable value gives way to the inherited one, then to the default', () => {
  const name = 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT';
  expect(new VariableReader({ [name]: 'x', OTEL_ATTRIBUTE_COUNT_LIMIT: '7' }).integer(name)).toBe(7);
  expect(new VariableReader({ [name]: 'x', OTEL_ATTRIBUTE_COUNT_LIMIT: 'x' }).integer(name)).toBe(128);
  expect(new VariableReader({ [name]: '5', OTEL_ATTRIBUTE_COUNT_LIMIT: '7' }).integer(name)).toBe(5);
});

test('reading twice warns once', () => {
  const reader = new VariableReader({ OTEL_EXPORTER_OTLP_TIMEOUT: 'x' });
  reader.integer('OTEL_EXPORTER_OTLP_TIMEOUT');
  reader.integer('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT');
  reader.integer('OTEL_EXPORTER_OTLP_LOGS_TIMEOUT');
  expect(reader.warnings).toHaveLength(1);
});

test('a general value is checked even where every signal has its own', () => {
  const reader = new VariableReader({
    OTEL_EXPORTER_OTLP_TIMEOUT: 'x',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '7',
  });
  expect(reader.integer('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT')).toBe(7);
  expect(reader.warnings).toHaveLength(1);
  expect([...reader.effective]).toEqual([
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 10_000],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 7],
  ]);
});

test('an invalid boolean of a signal is false, not the general one', () => {
  const reader = new VariableReader({
    OTEL_EXPORTER_OTLP_INSECURE: 'true',
    OTEL_EXPORTER_OTLP_LOGS_INSECURE: '1',
  });
  expect(reader.boolean('OTEL_EXPORTER_OTLP_TRACES_INSECURE')).toBe(true);
  expect(reader.boolean('OTEL_EXPORTER_OTLP_LOGS_INSECURE')).toBe(false);
});

test('filters: unset is none, a list of unknown names is an empty one', () => {
  expect(new VariableReader({}).filter('OTEL_NODE_ENABLED_INSTRUMENTATIONS')).toBeUndefined();
  expect(
    new VariableReader({ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'x' }).filter('OTEL_NODE_ENABLED_INSTRUMENTATIONS'),
  ).toEqual([]);
});
