import { describe, expect, it } from 'vitest';
import { free } from '../../../../src/collector/body/free.ts';

const KIB = 1024;

describe('free', () => {
  it('gives back what is a buffer’s own', () => {
    const whole = Buffer.alloc(64 * KIB);
    free(whole);
    expect(whole.buffer.byteLength).toBe(0);
    const large = Buffer.alloc(256 * KIB).subarray(0, 200 * KIB);
    free(large);
    expect(large.buffer.byteLength).toBe(0);
  });

  it('leaves what others may have a part of', () => {
    const read = Buffer.alloc(64 * KIB);
    const [first, second] = [read.subarray(0, 60 * KIB), read.subarray(60 * KIB)];
    free(first);
    free(second);
    expect(read.buffer.byteLength).toBe(64 * KIB);
  });

  it('leaves the buffer that Node cuts small ones from, wherever in it they lie', () => {
    // On Node 26 only some of the common buffers begin with a small one: they are aligned.
    const pooled = Array.from({ length: 5000 }, () => Buffer.allocUnsafe(1000));
    for (const [index, buffer] of pooled.entries()) buffer.fill(index);
    for (const buffer of pooled) free(buffer);
    expect(pooled.every((buffer, index) => buffer.equals(Buffer.alloc(1000, index)))).toBe(true);
    expect(pooled.some(({ byteOffset }) => byteOffset === 0)).toBe(true);
  });
});
