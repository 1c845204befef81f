import type { CanonicalMessage } from './codec/canonical.ts';
import { free } from './body/free.ts';
import { allowanceForRequest, decode, type Encoding, partsOf } from './codec/otlp-codec.ts';
import { toLongLine } from './long-line.ts';
import type { Piece } from './codec/piece.ts';
import type { Pace } from './pace.ts';
import type { Refusal } from './refusal.ts';
import type { Signal } from './signals.ts';
import { toLine } from './stored-line.ts';
import { undecodable } from './undecodable.ts';
import type { Tally } from './validation/tally.ts';

/** Bytes of a body from which on its request is large: it takes its turn, and is decoded piece by piece. */
export const LARGE_BYTES: number = 1024 * 1024;

/** What has arrived of a request, and how it is to be read. */
export interface RequestBody {
  readonly signal: Signal;
  readonly encoding: Encoding;
  readonly bytes: Buffer;
  /** For items without a time of their own: Unix time in nanoseconds. */
  readonly nowNano: string;
}

/**
 * The lines to store of a request, one after the other; a large one is decoded in pieces, each of which becomes a line. Ends with
 * a refusal where the request cannot be decoded.
 * @param tally is told of every item
 */
export async function* linesOf(request: RequestBody, tally: Tally, pace: Pace): AsyncGenerator<Buffer | Refusal> {
  const { signal, encoding, bytes } = request;
  const allowance = allowanceForRequest();
  const isLarge = bytes.length > LARGE_BYTES;
  // In one go: between its pieces others would begin, and all would hold their bodies and what has become of them.
  if (!isLarge) await pace.take(bytes.length);
  for (const part of partsOf(encoding, signal.message, bytes)) {
    if (part.kind === 'failure') return yield undecodable(part.failure);
    if (part.kind === 'oversized') {
      leaveOut(tally);
      continue;
    }
    if (isLarge) await pace.take(part.body.length);
    const decoded = decode(encoding, signal.message, part.body, allowance);
    if (decoded.ok) {
      const line = keptOf(decoded.data, part, request, tally);
      if (line !== undefined) yield line;
    } else if (decoded.isTooLarge && part.isOneItem) {
      leaveOut(tally);
    } else {
      const refusal = undecodable(decoded.failure);
      return yield part.body === bytes ? refusal : inPiece(refusal, part.offset);
    }
    if (part.body !== bytes) free(part.body);
  }
}

/** The line of what is good in a piece; undefined where nothing is. */
function keptOf(
  data: CanonicalMessage,
  { isOneItem }: Piece,
  { signal, nowNano }: RequestBody,
  tally: Tally,
): Buffer | undefined {
  const keptBefore = tally.received - tally.rejected;
  const rejectedBefore = tally.rejected;
  signal.validate(data, tally, nowNano);
  const kept = tally.received - tally.rejected - keptBefore;
  if (kept === 0 && tally.rejected > rejectedBefore) return undefined;
  if (!isOneItem) return toLine(data);
  const line = toLongLine(data);
  if (line === undefined) tally.reject('too_large', kept);
  return line;
}

/** What is too large to be looked at counts as one, the data points of a metric too. */
function leaveOut(tally: Tally): void {
  tally.received += 1;
  tally.reject('too_large');
}

/** Indexes are those of the piece, so the path says where in it. */
function inPiece(refusal: Refusal, offset: number): Refusal {
  return {
    status: refusal.status,
    message: `in the part of the body that begins at byte ${offset}: ${refusal.message}`,
    ...(refusal.invalid !== undefined && { invalid: refusal.invalid }),
  };
}
