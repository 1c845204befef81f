import { DecodeFailure } from './decode-failure.ts';
import { planOf } from './message-plan.ts';
import type { MessageName } from './otlp-schema.ts';

const MIB = 1024 * 1024;

/**
 * Bytes of a large request that are decoded at a time, unless one item is larger. The objects should be short-lived garbage, and the
 * line should stay below 1 MiB, the longest that readers of such files accept by default (as JSON, protobuf grows up to four times).
 */
export const PIECE_BYTES: number = MIB / 4;

/** Bytes an item may hold: it is in memory as bytes, as objects and as JSON at the same time. */
export const MAX_ITEM_BYTES: number = 4 * MIB;

/** Bytes that a resource, or a scope, may hold: it is repeated in every piece. */
export const MAX_ENVELOPE_BYTES: number = MIB;

/** A part of a request that is a request itself: some of the items, with their resource and scope. */
export interface Piece {
  readonly kind: 'piece';
  readonly body: Buffer;
  /** Offset in the request at which its first element begins. */
  readonly offset: number;
  /** Whether it contains exactly one item. */
  readonly isOneItem: boolean;
}

/** An item that is too large to be decoded. */
interface OversizedItem {
  readonly kind: 'oversized';
}

export type Part = Piece | OversizedItem;

/** Bytes that the items of a piece may hold together: more with a large resource and scope, so that these are not repeated for few items. */
export function pieceBytes(envelopeBytes: number): number {
  return Math.max(PIECE_BYTES, 2 * envelopeBytes);
}

export function checkEnvelope(bytes: number): void {
  if (bytes <= MAX_ENVELOPE_BYTES) return;
  throw new DecodeFailure('too-large', `a resource or scope may hold ${MAX_ENVELOPE_BYTES} bytes (got ${bytes})`);
}

/** One of the nested lists that contain the items of a signal; for spans: resourceSpans, scopeSpans, spans. */
export interface ListLevel {
  readonly name: string;
  readonly number: number;
}

const LIST_NAMES: Partial<Readonly<Record<MessageName, readonly string[]>>> = {
  TracesData: ['resourceSpans', 'scopeSpans', 'spans'],
  MetricsData: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  LogsData: ['resourceLogs', 'scopeLogs', 'logRecords'],
};

/** From the outermost list to the list of items. */
export function listLevels(message: MessageName): readonly ListLevel[] {
  let plan = planOf(message);
  return (LIST_NAMES[message] ?? []).map((name) => {
    const field = plan.fields.find((candidate) => candidate.name === name);
    if (field === undefined || field.kind !== 'message') throw new TypeError(`${plan.name} has no list ${name}`);
    plan = field.message;
    return { name, number: field.number };
  });
}
