import type { DropReason, OutboxCounts } from './delivery.ts';

/** What became of the items of one outbox, in numbers. */
export class OutboxCounters {
  accepted = 0;
  delivered = 0;
  late = 0;
  /** Items that were part of an attempt to deliver them, each counted once. */
  handedOver = 0;
  /** Of the dropped: those that no attempt was ever made for. */
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
