import { fstatSync, ftruncateSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/*
 * A process that is killed while it writes leaves the beginning of a line at the end of the file. `append()` never reported that line
 * as written, and readers of the file would fail on it, so the next one to open the file for writing cuts it off.
 */

const NEWLINE = 0x0a;
const BLOCK_BYTES = 64 * 1024;

interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/**
 * Searches a file backwards for the end of its last whole line: yields the range it wants to see, is resumed with the bytes in it, and
 * returns the offset behind the last newline. A generator, so that the search exists once for asynchronous and synchronous reads.
 */
function* endOfLastLine(size: number): Generator<ByteRange, number, Buffer> {
  // Nearly always the last byte is a newline, and one byte is all that is read.
  let blockBytes = 1;
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - blockBytes);
    const bytes = yield { start, length: end - start };
    const newline = bytes.lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
    blockBytes = BLOCK_BYTES;
  }
  return 0;
}

/** Cuts off what follows the last newline. @returns the bytes cut off */
export async function cutTornLine(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const search = endOfLastLine(size);
  let step = search.next();
  while (step.done !== true) {
    const { start, length } = step.value;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
    step = search.next(buffer.subarray(0, bytesRead));
  }
  if (step.value < size) await handle.truncate(step.value);
  return size - step.value;
}

/** The same, synchronously. @param file a descriptor */
export function cutTornLineSync(file: number): number {
  const { size } = fstatSync(file);
  const search = endOfLastLine(size);
  let step = search.next();
  while (step.done !== true) {
    const { start, length } = step.value;
    const buffer = Buffer.alloc(length);
    step = search.next(buffer.subarray(0, readSync(file, buffer, 0, length, start)));
  }
  if (step.value < size) ftruncateSync(file, step.value);
  return size - step.value;
}
