import { planOf } from './message-plan.ts';
import type { MessageName } from './otlp-schema.ts';

/** The lists that lead to the items of a signal, from the outside in: for spans resourceSpans, scopeSpans, spans. */
export interface ListLevel {
  readonly name: string;
  readonly number: number;
}

/** Bytes of a request that is decoded as a whole. */
export const WHOLE_BYTES: number = 1024 * 1024;

/** Bytes of a larger one that are decoded at a time, unless one item is larger: their tree should not outlive its use. */
export const PIECE_BYTES: number = 256 * 1024;

/**
 * Bytes one item may hold, with its resource and scope. As text and as JSON it is held besides, six times as long where every
 * character must be escaped: 64 MiB of that would be beyond what a string can hold.
 */
export const MAX_PIECE_BYTES: number = 16 * WHOLE_BYTES;

/** What is decoded at a time, as a request of its own: the list elements, in what they are wrapped. */
export interface Piece {
  readonly body: Buffer;
  /** Where its first element stands in the request. */
  readonly offset: number;
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
