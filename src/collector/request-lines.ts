import type { CanonicalMessage } from './codec/canonical.ts';
import { free } from './body/free.ts';
import { allowanceForRequest, decode, type Encoding, partsOf } from './codec/otlp-codec.ts';
import type { Piece } from './codec/piece.ts';
import type { DecodeScheduler } from './decode-scheduler.ts';
import { type Refusal, undecodable } from './refusal.ts';
import type { OtlpSignal } from './signals.ts';
import { toLine, toLongLine } from './stored-line.ts';
import type { ItemCounts } from './validation/item-counts.ts';

/** Bytes of a body from which on its request is large: it takes its turn, and is decoded piece by piece. */
export const LARGE_BYTES: number = 1024 * 1024;

/** What has arrived of a request, and how it is to be read. */
export interface RequestBody {
  readonly signal: OtlpSignal;
  readonly encoding: Encoding;
  readonly bytes: Buffer;
  /** For items without a time of their own: Unix time in nanoseconds. */
  readonly nowNano: string;
}

/**
 * The lines to store of a request, one after the other; a large one is decoded in pieces, each of which becomes a line. Ends with
 * a refusal where the request cannot be decoded.
 * @param counts is told of every item
 */
export async function* linesOf(
  request: RequestBody,
  counts: ItemCounts,
  scheduler: DecodeScheduler,
): AsyncGenerator<Buffer | Refusal> {
  const { signal, encoding, bytes } = request;
  const allowance = allowanceForRequest();
  const isLarge = bytes.length > LARGE_BYTES;
  // In one go: between its pieces others would begin, and all would hold their bodies and what has become of them.
  if (!isLarge) await scheduler.waitForTurn(bytes.length);
  for (const part of partsOf(encoding, signal.message, bytes)) {
    if (part.kind === 'failure') return yield undecodable(part.failure);
    if (part.kind === 'oversized') {
      leaveOut(counts);
      continue;
    }
    if (isLarge) await scheduler.waitForTurn(part.body.length);
    const decoded = decode(encoding, signal.message, part.body, allowance);
    if (decoded.ok) {
      const line = keptOf(decoded.data, part, request, counts);
      if (line !== undefined) yield line;
    } else if (decoded.isTooLarge && part.isOneItem) {
      leaveOut(counts);
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
  counts: ItemCounts,
): Buffer | undefined {
  const keptBefore = counts.received - counts.rejected;
  const rejectedBefore = counts.rejected;
  signal.validate(data, counts, nowNano);
  const kept = counts.received - counts.rejected - keptBefore;
  if (kept === 0 && counts.rejected > rejectedBefore) return undefined;
  if (!isOneItem) return toLine(data);
  const line = toLongLine(data);
  if (line === undefined) counts.reject('too_large', kept);
  return line;
}

/** What is too large to be looked at counts as one, the data points of a metric too. */
function leaveOut(counts: ItemCounts): void {
  counts.received += 1;
  counts.reject('too_large');
}

/** Indexes are those of the piece, so the path says where in it. */
function inPiece(refusal: Refusal, offset: number): Refusal {
  return {
    status: refusal.status,
    message: `in the part of the body that begins at byte ${offset}: ${refusal.message}`,
    ...(refusal.invalid !== undefined && { invalid: refusal.invalid }),
  };
}
