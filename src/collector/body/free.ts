import { isMarkedAsUntransferable } from 'node:worker_threads';

/** Below it the garbage collector may have it. */
const FREED_FROM = 16 * 1024;
/**
 * Node cuts small buffers out of a common one (8 KiB on Node 22, 64 KiB and a little on 24 and 26), and a socket's chunks, of
 * several requests perhaps, out of reads of 64 KiB. A buffer of more was made for one purpose.
 */
const SHARED_UP_TO = 128 * 1024;

/**
 * Gives the memory of a buffer back at once, where it has some of its own: the garbage collector does not come for it before
 * it has seen a hundred megabytes of it. Nobody may use the buffer afterwards, a write that is under way least of all.
 */
export function free(bytes: Buffer): void {
  const { buffer, byteOffset, length } = bytes;
  if (!(buffer instanceof ArrayBuffer) || byteOffset !== 0 || buffer.byteLength < FREED_FROM) return;
  const isOwn = buffer.byteLength === length || buffer.byteLength > SHARED_UP_TO;
  if (isOwn && !isMarkedAsUntransferable(buffer)) buffer.transfer(0);
}
