import { expect, test } from 'vitest';
import { quote, redactUrl } from '../../../src/config/redact.ts';

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
])('%s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

test('quoted values cannot act on a terminal and do not flood it', () => {
  expect(quote('a"b\n\u001b[31m')).toBe('"a\\"b\\n\\u001b[31m"');
  expect(quote('x'.repeat(100))).toBe(`"${'x'.repeat(100)}"`);
  expect(quote('x'.repeat(101))).toBe(`"${'x'.repeat(100)}…"`);
});
