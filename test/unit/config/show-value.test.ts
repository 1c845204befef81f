import { expect, test } from 'vitest';
import { quote, redactUrl, showValue } from '../../../src/config/show-value.ts';
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

test.each([
  ['http://host/x', 'http://host/x'],
  ['http://user:hunter2@host/x', 'http://[redacted]@host/x'],
  ['HTTPS://hunter2@host', 'HTTPS://[redacted]@host'],
  ['http://user:hun/ter2@host', 'http://[redacted]@host'],
  ['http://user:hunt#er2@host', 'http://[redacted]@host'],
  ['http://user:hunt?er2@host', 'http://[redacted]@host'],
  ['http://user:hun@ter2@host', 'http://[redacted]@host'],
  ['http:user:hunter2@host', '[redacted]@host'],
  ['user:hunter2@host:4317', '[redacted]@host:4317'],
  ['ftp://user:hunter2@host', '[redacted]@host'],
  ['http://host/x?key=hunter2', 'http://host/x?[redacted]'],
  ['http://host/x#hunter2', 'http://host/x#[redacted]'],
  ['http://host?key=hunter2@home', 'http://[redacted]@home'],
])('URL %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

test('quoted values cannot act on a terminal and do not flood it', () => {
  expect(quote('a"b\n\u001b[31m')).toBe('"a\\"b\\n\\u001b[31m"');
  expect(quote('x'.repeat(100))).toBe(`"${'x'.repeat(100)}"`);
  expect(quote('x'.repeat(101))).toBe(`"${'x'.repeat(100)}…"`);
});
