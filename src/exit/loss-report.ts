import { countOf } from '../text/count-of.ts';
import { oneLine } from '../text/one-line.ts';
import { messageOf } from '../values/thrown.ts';

/** What was lost, for one line: number, kind and reason. */
export class LossReport {
  readonly #losses = new Map<string, Map<string, number>>();

  add(noun: string, count: number, reason: string): void {
    if (count === 0) return;
    const reasons = this.#losses.get(noun) ?? new Map<string, number>();
    const line = oneLine(reason);
    this.#losses.set(noun, reasons.set(line, (reasons.get(line) ?? 0) + count));
  }

  /** The delivery itself failed: the number of lost items is not known. */
  fail(error: unknown): void {
    this.add('attempts to deliver', 1, messageOf(error));
  }

  /** What was added since the last call: `12 spans (connect ECONNREFUSED 127.0.0.1:4318), 3 log records (queue_full)`, or ''. */
  take(): string {
    const losses = [...this.#losses]
      .flatMap(([noun, reasons]) => [...reasons].map(([reason, count]) => `${countOf(count, noun)} (${reason})`))
      .join(', ');
    this.#losses.clear();
    return losses;
  }
}
