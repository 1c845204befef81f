import { describe, expect, it } from 'vitest';
import { cutText, headOfStack } from '../../../src/errors/exception-text.ts';

describe('cutText', () => {
  it('leaves alone what is within the limit', () => {
    expect(cutText('x'.repeat(100), 100)).toBe('x'.repeat(100));
    expect(cutText('', 100)).toBe('');
  });

  it('cuts one character more at the middle, a quarter of what is kept is the end', () => {
    const text = `${'a'.repeat(61)}${'b'.repeat(40)}`;
    expect(cutText(text, 100)).toBe(`${'a'.repeat(39)} [... 49 characters not shown ...] ${'b'.repeat(13)}`);
  });

  it('says how many characters are not shown, within the limit', () => {
    const text = 'x'.repeat(1_000_000);
    const cut = cutText(text, 1000);
    const [, missing = '', ...more] = /^x+ \[\.\.\. (\d+) characters not shown \.\.\.\] x+$/.exec(cut) ?? [];
    expect(more).toEqual([]);
    expect(Number(missing)).toBe(1_000_000 - (1000 - 48));
    expect(cut.length).toBeLessThanOrEqual(1000);
  });

  it('returns well-formed text, cut or not', () => {
    expect(cutText('a\ud83d', 10)).toBe('a\ufffd');
    const faces = cutText('😀'.repeat(1000), 101);
    expect(faces.isWellFormed()).toBe(true);
  });
});

describe('headOfStack', () => {
  it.each([
    ['Error: a\nb\n    at f (x.js:1:1)\n    at g (x.js:2:1)', 'Error: a\nb'],
    ['Error: without frames', 'Error: without frames'],
    ['\n    at f (x.js:1:1)', ''],
  ])('of %j', (stack, head) => {
    expect(headOfStack(stack)).toBe(head);
  });
});
