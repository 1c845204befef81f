import type { FileHandle } from 'node:fs/promises';

const NEWLINE = 0x0a;
const BLOCK_BYTES = 64 * 1024;

/**
 * Cuts off what stands behind the last newline: the beginning of a line whose process was killed, and which nobody was told
 * is written. @returns the bytes cut off
 */
export async function cutTornLine(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const end = await endOfLastLine(handle, size);
  if (end < size) await handle.truncate(end);
  return size - end;
}

async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  // Nearly always the last byte is a newline; a torn line is looked for block by block.
  let blockBytes = 1;
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - blockBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    const newline = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
    blockBytes = BLOCK_BYTES;
  }
  return 0;
}
