import { expect, it } from 'vitest';
import { oneLine } from '../../../src/text/one-line.ts';

it.each([
  ['connect ECONNREFUSED', 'connect ECONNREFUSED'],
  ['error:0A00045C:\n alert\r\n', 'error:0A00045C: alert'],
  ['x'.repeat(400), `${'x'.repeat(300)}…`],
])('%j', (text, line) => {
  expect(oneLine(text)).toBe(line);
});
