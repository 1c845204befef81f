/** What was lost, for one line: how many of what, and why. */
export class LossLedger {
  readonly #losses = new Map<string, Map<string, number>>();

  add(noun: string, count: number, reason: string): void {
    if (count === 0) return;
    const reasons = this.#losses.get(noun) ?? new Map<string, number>();
    this.#losses.set(noun, reasons.set(reason, (reasons.get(reason) ?? 0) + count));
  }

  /** `12 spans (connect ECONNREFUSED 127.0.0.1:4318), 3 log records (queue_full)`; empty where nothing was lost. */
  toString(): string {
    return [...this.#losses]
      .flatMap(([noun, reasons]) =>
        [...reasons].map(([reason, count]) => `${count} ${count === 1 ? singular(noun) : noun} (${reason})`),
      )
      .join(', ');
  }
}

/** `collections of metrics` → `collection of metrics` */
function singular(noun: string): string {
  return noun.replace(/s\b/, '');
}
