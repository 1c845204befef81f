/** Smaller ones may be parts of a buffer that others use, and a thousand of them are nothing. */
const FREED_FROM = 16 * 1024;

/**
 * Gives the memory of a buffer back at once, where it has some of its own: the garbage collector does not come for it before
 * it has seen a hundred megabytes of it. Nobody may use the buffer afterwards, a write that is under way least of all.
 */
export function free(bytes: Buffer): void {
  const { buffer, byteOffset, length } = bytes;
  const isOwn = byteOffset === 0 && buffer.byteLength >= FREED_FROM && (isWhole(buffer, length) || !isPool(buffer));
  if (isOwn && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

function isWhole(buffer: ArrayBufferLike, length: number): boolean {
  return buffer.byteLength === length;
}

/** Node cuts small buffers out of a common one, of 8 KiB or 64 KiB by its version. */
function isPool(buffer: ArrayBufferLike): boolean {
  return buffer.byteLength <= 64 * 1024;
}
