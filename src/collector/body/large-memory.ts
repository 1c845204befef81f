import { free } from './free.ts';

/*
 * malloc keeps the memory of freed buffers of some megabytes and splits it up for other uses: after an hour of large requests a
 * process may hold three times what is in use. Two kinds of memory return to the operating system as soon as they are freed: that
 * of resizable ArrayBuffers, which grow without being copied, but which V8 reads at half the speed; and allocations that are larger
 * than malloc ever takes from its heap.
 */

const MIB = 1024 * 1024;
/** Bytes; smaller buffers may come from malloc's heap. */
const LARGE_FROM = MIB;
/** Bytes; more than glibc's DEFAULT_MMAP_THRESHOLD_MAX, 32 MiB (mallopt(3)). Pages that are not written to occupy no memory. */
const BEYOND_THE_HEAP = 33 * MIB;
const FIRST_CAPACITY = 64 * 1024;

/**
 * A larger buffer that begins with the bytes of the old one, which must not be used afterwards.
 * @param length bytes of the old one that are in use
 * @param needed bytes that the new one must hold
 * @param largest bytes that it may have to hold in the end
 */
export function growBuffer(old: Buffer, length: number, needed: number, largest: number): Buffer {
  const memory = resizableOf(old);
  if (memory !== undefined) {
    memory.resize(Math.min(largest, roundUp(needed)));
    return Buffer.from(memory);
  }
  const buffer =
    needed > LARGE_FROM
      ? Buffer.from(new ArrayBuffer(Math.min(largest, roundUp(needed)), { maxByteLength: largest }))
      : Buffer.allocUnsafeSlow(Math.min(largest, LARGE_FROM, Math.max(needed, old.length * 4, FIRST_CAPACITY)));
  old.copy(buffer, 0, 0, length);
  free(old);
  return buffer;
}

/** Moves the bytes of a buffer that has grown large from resizable memory to memory that V8 reads fast, without holding them twice. */
export function toFixedMemory(bytes: Buffer): Buffer {
  const memory = resizableOf(bytes);
  if (memory === undefined) return bytes;
  const { length } = bytes;
  const buffer = Buffer.allocUnsafeSlow(Math.max(length, BEYOND_THE_HEAP)).subarray(0, length);
  for (let end = length; end > 0;) {
    const start = Math.floor((end - 1) / LARGE_FROM) * LARGE_FROM;
    Buffer.from(memory, start, end - start).copy(buffer, start);
    memory.resize(start);
    end = start;
  }
  return buffer;
}

function resizableOf({ buffer }: Buffer): ArrayBuffer | undefined {
  return buffer instanceof ArrayBuffer && buffer.resizable ? buffer : undefined;
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / LARGE_FROM) * LARGE_FROM;
}
