import type { DropReason } from './delivery.ts';

/** The result of one flush for the items that were in the outbox when it was called, and only for those. */
export interface FlushOutcome {
  /** Acknowledged by the backend during the flush. */
  readonly delivered: number;
  /** Neither acknowledged nor dropped when the flush ended. */
  readonly undelivered: number;
  /** Lost during the flush, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** The error of the last delivery of some of them that failed during the flush. */
  readonly error: Error | undefined;
}

/** Counts the outcome while a flush runs; called for each batch that the flush waits for. */
export class FlushTally {
  #delivered = 0;
  #undelivered = 0;
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  #error: Error | undefined;

  expect(count: number): void {
    this.#undelivered += count;
  }

  delivered(count: number): void {
    this.#undelivered -= count;
    this.#delivered += count;
  }

  dropped(reason: DropReason, count: number): void {
    if (count === 0) return;
    this.#undelivered -= count;
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count;
  }

  failed(error: Error): void {
    this.#error = error;
  }

  outcome(): FlushOutcome {
    return {
      delivered: this.#delivered,
      undelivered: this.#undelivered,
      dropped: { ...this.#dropped },
      error: this.#error,
    };
  }
}

/** The sum over several outboxes. */
export function addOutcomes(outcomes: readonly FlushOutcome[]): FlushOutcome {
  const dropped: Partial<Record<DropReason, number>> = {};
  let [delivered, undelivered] = [0, 0];
  for (const outcome of outcomes) {
    delivered += outcome.delivered;
    undelivered += outcome.undelivered;
    addDropped(dropped, outcome.dropped);
  }
  return { delivered, undelivered, dropped, error: outcomes.findLast(({ error }) => error !== undefined)?.error };
}

const REASONS: Readonly<Record<DropReason, true>> = {
  queue_full: true,
  rejected: true,
  refused: true,
  too_large: true,
  invalid: true,
};

export function addDropped(to: Partial<Record<DropReason, number>>, from: FlushOutcome['dropped']): void {
  for (const [reason, count] of Object.entries(from)) if (isReason(reason)) to[reason] = (to[reason] ?? 0) + count;
}

function isReason(text: string): text is DropReason {
  return Object.hasOwn(REASONS, text);
}
