import type { DropReason, OutboxCounts } from './delivery.ts';

/** Counts what happened to the items of one outbox. */
export class OutboxCounters {
  accepted = 0;
  delivered = 0;
  late = 0;
  /** Items that at least one attempt was made to deliver. */
  tried = 0;
  /** Of the dropped items: those that no attempt was made to deliver. */
  droppedUntried = 0;
  readonly #dropped: Partial<Record<DropReason, number>> = {};

  drop(reason: DropReason, count: number): void {
    if (count > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count;
  }

  counts(waiting: number): OutboxCounts {
    return {
      accepted: this.accepted,
      delivered: this.delivered,
      waiting,
      late: this.late,
      dropped: { ...this.#dropped },
    };
  }
}
