import { describe, expect, it } from 'vitest';
import type { CanonicalMessage } from '../../../src/collector/codec/canonical.ts';
import { NEGATIVE_ZERO } from '../../../src/values/negative-zero.ts';
import { toLine, toLongLine } from '../../../src/collector/stored-line.ts';

const messages: Readonly<Record<string, CanonicalMessage>> = {
  'every kind of value': { a: 'text', b: 1.5, c: true, d: [], e: [1, 'two', { f: [{}] }], g: {}, 'h"': '\n' },
  'zeros of both signs': { a: NEGATIVE_ZERO, b: [0, NEGATIVE_ZERO] },
  'a long text of control characters': { body: { stringValue: '\u0001"\\\n'.repeat(20_000) } },
  'pairs of surrogates, wherever it is cut': { even: '😀'.repeat(20_000), odd: `x${'😀'.repeat(20_000)}` },
  'half a pair at every place': { first: '\ud83d'.repeat(20_000), second: '\ude00'.repeat(20_000) },
  'many small values': { values: Array.from({ length: 50_000 }, (_, index) => ({ intValue: String(index) })) },
};

describe('a long line', () => {
  it.each(Object.entries(messages))('is what JSON.stringify makes of it: %s', (_what, message) => {
    expect(toLongLine(message)?.equals(toLine(message) ?? Buffer.alloc(0))).toBe(true);
  });

  it.each([
    ['as it is', '\u0001'.repeat(2_796_201), 16_777_215],
    ['with one character more', '\u0001'.repeat(2_796_202), undefined],
  ])('may have 16 MiB: %s', (_what, text, length) => {
    expect(toLongLine({ a: text })?.length).toBe(
      length === undefined ? undefined : 6 * text.length + '{"a":""}\n'.length,
    );
  });
});
