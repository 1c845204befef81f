import { describe, expect, it } from 'vitest';
import { growBuffer, toFixedMemory } from '../../../../src/collector/body/large-memory.ts';

const MIB = 1024 * 1024;
const pattern = (length: number): Buffer => Buffer.alloc(length, 'telemetry');

/** A buffer that has grown to so many bytes, 700 000 at a time. */
function grow(bytes: Buffer): { readonly buffer: Buffer; readonly memories: ReadonlySet<ArrayBufferLike> } {
  let buffer: Buffer = Buffer.alloc(0);
  const memories = new Set<ArrayBufferLike>();
  for (let length = 0; length < bytes.length;) {
    const needed = Math.min(bytes.length, length + 700_000);
    if (needed > buffer.length) buffer = growBuffer(buffer, length, needed, bytes.length);
    bytes.copy(buffer, length, length, needed);
    memories.add(buffer.buffer);
    length = needed;
  }
  return { buffer, memories };
}

describe('a buffer that grows', () => {
  it.each([1, 65_536, 65_537, MIB, MIB + 1, 10 * MIB, 10 * MIB + 3])('to %i bytes holds them all', (length) => {
    const { buffer } = grow(pattern(length));
    expect(buffer.subarray(0, length).equals(pattern(length))).toBe(true);
  });

  it('is not copied once it is large, and gives back what it was before', () => {
    const { memories } = grow(pattern(10 * MIB));
    expect(Array.from(memories, ({ byteLength }) => byteLength)).toEqual([0, 10 * MIB]);
  });

  it('settles in memory of its own, and leaves nothing behind', () => {
    const { buffer } = grow(pattern(3 * MIB + 5));
    const bytes = toFixedMemory(buffer);
    expect(bytes.equals(pattern(3 * MIB + 5))).toBe(true);
    expect([buffer.buffer.byteLength, bytes.buffer.byteLength]).toEqual([0, 33 * MIB]);
  });

  it('stays where it is while it is small', () => {
    const { buffer } = grow(pattern(MIB));
    expect(toFixedMemory(buffer)).toBe(buffer);
  });
});
