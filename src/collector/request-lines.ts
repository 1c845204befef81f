import type { CanonicalMessage } from './codec/canonical.ts';
import { free } from './body/free.ts';
import { allowanceForRequest, decode, type Encoding, splitRequest } from './codec/otlp-codec.ts';
import type { Piece } from './codec/piece.ts';
import type { DecodeScheduler } from './decode-scheduler.ts';
import { type Refusal, undecodable } from './refusal.ts';
import type { OtlpSignal } from './signals.ts';
import { toLine, toLongLine } from './stored-line.ts';
import type { ItemCounts } from './validation/item-counts.ts';

/** A request with a longer body is large: large requests run one after the other, and are decoded piece by piece. */
export const LARGE_BYTES: number = 1024 * 1024;

/** A received request, and how to decode it. */
export interface RequestBody {
  readonly signal: OtlpSignal;
  readonly encoding: Encoding;
  readonly bytes: Buffer;
  /** When it arrived, for items without a time of their own: Unix time in nanoseconds. */
  readonly nowNano: string;
}

/**
 * Decodes a request and yields the lines to store, one after the other; a large one is decoded in pieces, each of which becomes a
 * line. If it cannot be decoded, the last value is a refusal.
 * @param counts counts every item
 */
export async function* linesOf(
  request: RequestBody,
  counts: ItemCounts,
  scheduler: DecodeScheduler,
): AsyncGenerator<Buffer | Refusal> {
  const { signal, encoding, bytes } = request;
  const allowance = allowanceForRequest();
  const isLarge = bytes.length > LARGE_BYTES;
  // All of it in one turn: otherwise other requests would begin between its pieces, and all would hold their bodies and lines.
  if (!isLarge) await scheduler.waitForTurn(bytes.length);
  for (const part of splitRequest(encoding, signal.message, bytes)) {
    if (part.kind === 'failure') return yield undecodable(part.failure);
    if (part.kind === 'oversized') {
      rejectOversized(counts);
      continue;
    }
    if (isLarge) await scheduler.waitForTurn(part.body.length);
    const decoded = decode(encoding, signal.message, part.body, allowance);
    if (decoded.ok) {
      const line = toStoredLine(decoded.data, part, request, counts);
      if (line !== undefined) yield line;
    } else if (decoded.isTooLarge && part.isOneItem) {
      rejectOversized(counts);
    } else {
      const refusal = undecodable(decoded.failure);
      return yield part.body === bytes ? refusal : inPiece(refusal, part.offset);
    }
    if (part.body !== bytes) free(part.body);
  }
}

/** The line with the valid items of a piece; undefined if there are none. */
function toStoredLine(
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

/** An item that is too large to be decoded counts as one, even a metric with many data points. */
function rejectOversized(counts: ItemCounts): void {
  counts.received += 1;
  counts.reject('too_large');
}

/** Indexes in the path count within the piece, so the message says where the piece begins. */
function inPiece(refusal: Refusal, offset: number): Refusal {
  return {
    status: refusal.status,
    message: `in the part of the body that begins at byte ${offset}: ${refusal.message}`,
    ...(refusal.invalid !== undefined && { invalid: refusal.invalid }),
  };
}
