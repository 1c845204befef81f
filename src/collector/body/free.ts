import { isMarkedAsUntransferable } from 'node:worker_threads';

/** Bytes; smaller buffers are left to the garbage collector. */
const FREED_FROM = 16 * 1024;
/**
 * Node allocates small buffers from a shared pool (8 KiB on Node 22, a little over 64 KiB on 24 and 26), and the chunks of a socket,
 * perhaps of several requests, from reads of 64 KiB. Larger memory belongs to one buffer only.
 */
const SHARED_UP_TO = 128 * 1024;

/**
 * Releases the memory of a buffer at once, if the buffer owns it. The garbage collector would release it only after a hundred
 * megabytes of such buffers. Nothing may use the buffer afterwards, in particular no write in progress.
 */
export function free(bytes: Buffer): void {
  const { buffer, byteOffset, length } = bytes;
  if (!(buffer instanceof ArrayBuffer) || byteOffset !== 0 || buffer.byteLength < FREED_FROM) return;
  const isOwn = buffer.byteLength === length || buffer.byteLength > SHARED_UP_TO;
  if (isOwn && !isMarkedAsUntransferable(buffer)) buffer.transfer(0);
}
