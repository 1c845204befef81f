import { expect, test } from 'vitest';
import { showValue } from '../../../src/config/show-value.ts';
import { rows } from '../../../src/config/variables.ts';

test.each([
  ['OTEL_SDK_DISABLED', true, 'true'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', 7, '7'],
  ['OTEL_BSP_EXPORT_TIMEOUT', Infinity, 'no limit'],
  ['OTEL_LOG_LEVEL', 'info', 'info'],
  ['OTEL_SERVICE_NAME', 'a\nb', '"a\\nb"'],
  ['OTEL_PROPAGATORS', ['b3', 'baggage'], 'b3, baggage'],
  ['OTEL_PROPAGATORS', [], 'none'],
  ['OTEL_RESOURCE_ATTRIBUTES', { a: '1', b: '\n' }, 'a="1", b="\\n"'],
  ['OTEL_RESOURCE_ATTRIBUTES', {}, 'none'],
  ['OTEL_EXPORTER_OTLP_HEADERS', { 'api-key': 'hunter2', x: '' }, 'api-key=[redacted], x=[redacted]'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://u:hunter2@host/?k=hunter2', 'http://[redacted]@host/?[redacted]'],
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', '/ca.pem', '"/ca.pem"'],
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', undefined, 'nothing'],
] as const)('%s %j', (name, value, shown) => {
  expect(showValue(rows[name], value)).toBe(shown);
});

test('a secret text is not shown, whatever its kind', () => {
  expect(showValue({ kind: 'string', secret: true, description: '' }, 'hunter2')).toBe('[redacted]');
});
