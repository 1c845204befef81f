import { DecodeFailure } from './decode-failure.ts';
import { planOf } from './message-plan.ts';
import type { MessageName } from './otlp-schema.ts';

const MIB = 1024 * 1024;

/**
 * Bytes of a large request that are decoded at a time, unless one item is larger: their tree should not outlive its use, and
 * their line should stay below 1 MiB (protobuf grows up to four times), the longest that readers of such files take by default.
 */
export const PIECE_BYTES: number = MIB / 4;

/** Bytes an item may hold: as text and as a tree and as JSON it is held besides. */
export const MAX_ITEM_BYTES: number = 4 * MIB;

/** Bytes that a resource may hold, and a scope: they are repeated in every piece. */
export const MAX_ENVELOPE_BYTES: number = MIB;

/** What is decoded at a time, as a request of its own: list elements, in what they are wrapped. */
export interface Piece {
  readonly kind: 'piece';
  readonly body: Buffer;
  /** Where its first element stands in the request. */
  readonly offset: number;
  /** Whether it holds one item and no more. */
  readonly isOneItem: boolean;
}

/** An item that is too large to be decoded. */
interface OversizedItem {
  readonly kind: 'oversized';
}

export type Part = Piece | OversizedItem;

/** What the elements of a piece may hold together, so that a large envelope is not repeated for every little that is in it. */
export function pieceBytes(envelopeBytes: number): number {
  return Math.max(PIECE_BYTES, 2 * envelopeBytes);
}

export function checkEnvelope(bytes: number): void {
  if (bytes <= MAX_ENVELOPE_BYTES) return;
  throw new DecodeFailure('too-large', `what items share may hold ${MAX_ENVELOPE_BYTES} bytes (got ${bytes})`);
}

/** The lists that lead to the items of a signal, from the outside in: for spans resourceSpans, scopeSpans, spans. */
export interface ListLevel {
  readonly name: string;
  readonly number: number;
}

const FIRST_LISTS: Partial<Readonly<Record<MessageName, readonly string[]>>> = {
  TracesData: ['resourceSpans', 'scopeSpans', 'spans'],
  MetricsData: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  LogsData: ['resourceLogs', 'scopeLogs', 'logRecords'],
};

export function listLevels(message: MessageName): readonly ListLevel[] {
  let plan = planOf(message);
  return (FIRST_LISTS[message] ?? []).map((name) => {
    const field = plan.fields.find((candidate) => candidate.name === name);
    if (field === undefined || field.kind !== 'message') throw new TypeError(`${plan.name} has no list ${name}`);
    plan = field.message;
    return { name, number: field.number };
  });
}
