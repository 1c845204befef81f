import { createGunzip, gunzipSync } from 'node:zlib';
import type { BodyLease } from './body-budget.ts';
import { free } from './free.ts';
import { grown } from './large-memory.ts';
import { overloaded, type Refusal } from '../refusal.ts';
import { type Body, refused, tooLarge } from './request-body.ts';

/** Bodies up to here are inflated in one call. */
const SMALL_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** A header and a trailer with nothing between them. */
const SMALLEST_GZIP = 18;

/**
 * Inflates what is small. What is large is left for its turn; what it says that it holds is taken from the budget already.
 * @param compressed not to be used afterwards
 */
export function gunzip(compressed: Buffer, maxBytes: number, lease: BodyLease): Body | LargeGzip {
  const told = inflatedSize(compressed);
  // A bomb that says what it is need not be set off.
  if (told > maxBytes) {
    free(compressed);
    return refused(tooLargeInflated(maxBytes));
  }
  if (!lease.resize(compressed.length + told)) {
    free(compressed);
    return refused(tooMuchInflated());
  }
  const large = new LargeGzip(compressed, told, maxBytes, lease);
  return told > SMALL_BYTES ? large : (inflateAtOnce(compressed, told, lease) ?? large);
}

/** A body that is large, or larger than it says. */
export class LargeGzip {
  readonly #compressed: Buffer;
  readonly #told: number;
  readonly #maxBytes: number;
  readonly #lease: BodyLease;

  /** @param told bytes that it says it holds, which are taken from the budget */
  constructor(compressed: Buffer, told: number, maxBytes: number, lease: BodyLease) {
    this.#compressed = compressed;
    this.#told = told;
    this.#maxBytes = maxBytes;
    this.#lease = lease;
  }

  /** Little by little, into memory that is given back as soon as it is known to be too much. */
  async inflate(): Promise<Body> {
    const compressed = this.#compressed;
    let buffer: Buffer = Buffer.alloc(0);
    let length = 0;
    const refuse = (refusal: Refusal): Body => {
      free(buffer);
      return refused(refusal);
    };
    try {
      const stream = createGunzip({ chunkSize: CHUNK_BYTES });
      stream.end(compressed);
      for await (const chunk of stream) {
        const needed = length + chunk.length;
        if (needed > this.#maxBytes) return refuse(tooLargeInflated(this.#maxBytes));
        if (needed > this.#told && !this.#lease.resize(compressed.length + needed)) return refuse(tooMuchInflated());
        if (needed > buffer.length) buffer = grown(buffer, length, needed, this.#maxBytes);
        chunk.copy(buffer, length);
        free(chunk);
        length = needed;
      }
    } catch (error) {
      return refuse(noGzip(error));
    }
    // Only now: of a stream that is left early, a thread may still be reading.
    free(compressed);
    this.#lease.force(length);
    return { ok: true, bytes: buffer.subarray(0, length) };
  }
}

/** In one buffer of just the size that it says. Undefined, and nothing has changed, where it holds more. */
function inflateAtOnce(compressed: Buffer, size: number, lease: BodyLease): Body | undefined {
  try {
    // One more than is needed: when its buffer is full, zlib takes another one, and copies both into a third.
    const inflated = gunzipSync(compressed, { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1) });
    free(compressed);
    lease.force(inflated.length);
    return { ok: true, bytes: inflated };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    return refused(noGzip(error));
  }
}

/** The last four bytes of a member are the size of its data (RFC 1952, 2.3.1): not of all data where there are several. */
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

/** @throws what is no error of zlib */
function noGzip(error: unknown): Refusal {
  if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error;
  const message = `the body is no valid gzip (${error.message}); nothing of this request was stored`;
  return { status: 400, message, invalid: 'undecodable' };
}
