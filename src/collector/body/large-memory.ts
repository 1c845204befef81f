import { free } from './free.ts';

/*
 * What malloc gets back of a buffer of some megabytes it keeps, and cuts up for others: after an hour of large requests a
 * process may hold three times what is in use. Two kinds of memory go back to the operating system as soon as they are free: that
 * of resizable ArrayBuffers, which grow without being copied, but which V8 reads at half the speed; and what is larger than
 * malloc ever takes from its heap.
 */

const MIB = 1024 * 1024;
/** Below it the heap of malloc is good enough. */
const LARGE_FROM = MIB;
/** glibc: DEFAULT_MMAP_THRESHOLD_MAX, 32 MiB (mallopt(3)). What is not written to takes no memory. */
const BEYOND_THE_HEAP = 33 * MIB;
const FIRST_CAPACITY = 64 * 1024;

/**
 * A buffer of more bytes that begins with those of another one, which is no longer to be used.
 * @param length bytes of the old one that are in use
 * @param needed bytes
 * @param largest bytes it may have to hold at last
 */
export function grown(old: Buffer, length: number, needed: number, largest: number): Buffer {
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

/** Moves the bytes of a buffer that has grown large to where they are read fast, never holding them twice. */
export function settled(bytes: Buffer): Buffer {
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
