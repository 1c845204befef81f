import { createGunzip, gunzipSync, type ZlibOptions } from 'node:zlib';
import type { BodyLease } from './body-budget.ts';
import { errorCode, messageOf } from '../../values/thrown.ts';
import { isObject } from '../../values/is-object.ts';
import { free } from './free.ts';
import { growBuffer } from './large-memory.ts';
import { overloaded, type Refusal } from '../refusal.ts';
import { type Body, refused, tooLarge } from './request-body.ts';

/** Bodies up to this size are inflated in one synchronous call. */
const SMALL_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** Bytes of a gzip header and trailer around no data. */
const SMALLEST_GZIP = 18;
/**
 * Between and after the members of a gzip file there is nothing (RFC 1952, 2.2). zlib refuses most of what is there, but Node ends the data
 * at a zero and ignores the rest, perhaps another member.
 */
const AFTER_THE_END = 'data after the end';

/**
 * Inflates a small body at once. A large one is returned as `LargeGzip`, to be inflated when it is its turn; its declared size is taken
 * from the budget already. One that declares more than the limit takes nothing: it is only inflated to tell whether it is too large, or
 * not gzip to its end, so that its last four bytes are no size.
 * @param compressed must not be used afterwards
 */
export function gunzip(compressed: Buffer, maxBytes: number, lease: BodyLease): Body | LargeGzip {
  const declared = inflatedSize(compressed);
  if (!lease.resize(compressed.length + (declared > maxBytes ? 0 : declared))) {
    free(compressed);
    return refused(tooMuchInflated());
  }
  const large = new LargeGzip(compressed, declared, maxBytes, lease);
  return declared > SMALL_BYTES || declared > maxBytes ? large : (inflateAtOnce(compressed, declared, lease) ?? large);
}

/** A body that is large, or larger than it declares. */
export class LargeGzip {
  readonly #compressed: Buffer;
  readonly #declared: number;
  readonly #maxBytes: number;
  readonly #lease: BodyLease;

  /** @param declared inflated size in bytes by its trailer; already taken from the budget, unless it is beyond the limit */
  constructor(compressed: Buffer, declared: number, maxBytes: number, lease: BodyLease) {
    this.#compressed = compressed;
    this.#declared = declared;
    this.#maxBytes = maxBytes;
    this.#lease = lease;
  }

  /** Inflates it chunk by chunk, into memory that is released as soon as the body proves too large. */
  async inflate(): Promise<Body> {
    const compressed = this.#compressed;
    let buffer: Buffer = Buffer.alloc(0);
    let length = 0;
    const refuse = (refusal: Refusal): Body => {
      free(buffer);
      return refused(refusal);
    };
    const isKept = this.#declared <= this.#maxBytes;
    try {
      const stream = createGunzip({ chunkSize: CHUNK_BYTES });
      stream.end(compressed);
      for await (const chunk of stream) {
        const needed = length + chunk.length;
        if (needed > this.#maxBytes) return refuse(tooLargeInflated(this.#maxBytes));
        length = needed;
        if (!isKept) {
          free(chunk);
          continue;
        }
        if (needed > this.#declared && !this.#lease.resize(compressed.length + needed))
          return refuse(tooMuchInflated());
        if (needed > buffer.length) buffer = growBuffer(buffer, needed - chunk.length, needed, this.#maxBytes);
        chunk.copy(buffer, needed - chunk.length);
        free(chunk);
      }
      if (stream.bytesWritten < compressed.length) return refuse(notGzip(AFTER_THE_END));
      // zlib has compared the size at the end with that of the data, so this is never reached.
      if (!isKept) return refuse(tooLargeInflated(this.#maxBytes));
    } catch (error) {
      return refuse(notGzip(zlibMessage(error)));
    }
    // Not where the stream is left early: a thread of the pool may still read from it then.
    free(compressed);
    this.#lease.force(length);
    return { ok: true, bytes: buffer.subarray(0, length) };
  }
}

/** Inflates into one buffer of the declared size. Undefined, without any change, if there is more data than that. */
function inflateAtOnce(compressed: Buffer, size: number, lease: BodyLease): Body | undefined {
  try {
    // One byte more than needed: when its buffer is full, zlib allocates another one and copies both into a third.
    const options = { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1) };
    const { inflated, bytesRead } = gunzipAtOnce(compressed, options);
    if (bytesRead < compressed.length) return refused(notGzip(AFTER_THE_END));
    free(compressed);
    lease.force(inflated.length);
    return { ok: true, bytes: inflated };
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') return undefined;
    return refused(notGzip(zlibMessage(error)));
  }
}

interface Inflated {
  readonly inflated: Buffer;
  readonly bytesRead: number;
}

/** Node's types do not know `info`, for which it returns the engine too. */
function gunzipAtOnce(compressed: Buffer, options: ZlibOptions): Inflated {
  const result: unknown = gunzipSync(compressed, { ...options, info: true });
  if (isObject(result) && 'buffer' in result && 'engine' in result) {
    const { buffer, engine } = result;
    if (Buffer.isBuffer(buffer) && isObject(engine) && 'bytesWritten' in engine)
      return { inflated: buffer, bytesRead: Number(engine.bytesWritten) };
  }
  throw new TypeError('gunzipSync() has not returned its engine');
}

/** The last four bytes of a gzip member are the size of its data (RFC 1952, 2.3.1). A body may have several members. */
function inflatedSize(compressed: Buffer): number {
  const isGzip = compressed.length >= SMALLEST_GZIP && compressed[0] === 0x1f && compressed[1] === 0x8b;
  return isGzip ? compressed.readUInt32LE(compressed.length - 4) : 0;
}

function tooLargeInflated(maxBytes: number): Refusal {
  return tooLarge(maxBytes, 'more than that when decompressed');
}

function tooMuchInflated(): Refusal {
  return overloaded('too much data is being decompressed at once');
}

/** @throws the error itself where it is not one of zlib */
function zlibMessage(error: unknown): string {
  if (errorCode(error)?.startsWith('Z_') !== true) throw error;
  return messageOf(error);
}

function notGzip(reason: string): Refusal {
  const message = `the body is not valid gzip (${reason}); nothing of this request was stored`;
  return { status: 400, message, invalid: 'undecodable' };
}
