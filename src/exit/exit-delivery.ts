import type { DeliveryResult } from '../outbox/delivery.ts';
import { messageOf } from '../values/thrown.ts';
import { NO_ANSWER, NOT_SENT } from './exit-request.ts';
import type { ExitWorkerOptions } from './exit-worker.ts';
import type { FinalBatch, FinalDelivery, FinalExport } from './final-export.ts';
import type { LossReport } from './loss-report.ts';
import { processMillis } from '../clock/clock.ts';
import { SyncRequester } from './sync-request.ts';

export interface ExitDeliveryOptions extends ExitWorkerOptions {
  /** Milliseconds that all calls of `deliver` may take together, packing included; 0: nothing is delivered. */
  readonly timeoutMillis: number;
  /** Ends the live spans, so that they are in an outbox when the batches are taken. */
  readonly beforeDelivery: (exitCode: number) => void;
  readonly exports: readonly FinalExport[];
  readonly losses: LossReport;
  /** Receives one line about what was lost, if anything was. */
  readonly onLoss: (message: string) => void;
}

/** What a loss is reported with. */
interface ItemCount {
  readonly noun: string;
  readonly items: number;
}

interface PackedBatch<Kind extends FinalDelivery['kind']> extends ItemCount {
  readonly delivery: FinalDelivery & { readonly kind: Kind };
}

/**
 * Delivers what the outboxes hold, and blocks this thread until then. May be called again: it then delivers what was added
 * since, within the rest of the same time budget. If there is nothing to send, no worker is started. It never throws.
 */
export class ExitDelivery {
  readonly #options: ExitDeliveryOptions;
  readonly #requester: SyncRequester;
  /** What the worker has been given and not answered, by the id of its request. */
  readonly #pending = new Map<number, PackedBatch<'request'>>();
  #leftMillis: number;

  constructor(options: ExitDeliveryOptions) {
    this.#options = options;
    this.#requester = new SyncRequester(options);
    this.#leftMillis = options.timeoutMillis;
  }

  deliver(exitCode: number): void {
    const { losses, beforeDelivery } = this.#options;
    const deadline = processMillis() + this.#leftMillis;
    for (const step of [() => beforeDelivery(exitCode), () => this.#deliverUntil(deadline)]) {
      try {
        step();
      } catch (error) {
        losses.fail(error);
      }
    }
    this.#leftMillis = Math.max(0, deadline - processMillis());
  }

  /** Reports in one line what was lost, if anything was. What has no answer by now is lost. */
  reportLosses(): void {
    const { losses, onLoss } = this.#options;
    this.#requester.wait(0);
    this.#settle();
    for (const batch of this.#pending.values()) this.#lose(batch, NO_ANSWER);
    this.#pending.clear();
    const lost = losses.take();
    if (lost !== '') onLoss(`lost at the end of the process: ${lost}`);
  }

  /** The worker sends one batch while the next is packed; what is written in this thread comes after that, and may have to wait. */
  #deliverUntil(deadline: number): void {
    const synchronous: PackedBatch<'sync'>[] = [];
    for (const { lane, noun, maxInFlight, items, prepare } of inTurns(this.#options.exports)) {
      const batch = { noun, items };
      this.#attempt(batch, deadline, () => {
        const delivery = prepare();
        if (delivery.kind === 'sync') synchronous.push({ ...batch, delivery });
        else {
          const id = this.#requester.post(delivery.request, { lane, maxInFlight }, deadline);
          this.#pending.set(id, { ...batch, delivery });
        }
      });
    }
    for (const batch of synchronous)
      this.#attempt(batch, deadline, () => this.#record(batch, batch.delivery.deliver(deadline)));
    this.#requester.wait(deadline);
    this.#settle();
  }

  /** Packs or delivers, if there is time left for it. A failure concerns this batch alone. */
  #attempt(batch: ItemCount, deadline: number, act: () => void): void {
    if (this.#options.timeoutMillis === 0) return this.#lose(batch, 'SWANSONG_EXIT_TIMEOUT is 0');
    if (processMillis() >= deadline) return this.#lose(batch, NOT_SENT);
    try {
      act();
    } catch (error) {
      this.#lose(batch, messageOf(error));
    }
  }

  #settle(): void {
    const answers = this.#requester.takeAnswers();
    // In their order, not that of the answers: the line about losses is the same each time.
    for (const [id, batch] of this.#pending) {
      const answer = answers.get(id);
      if (answer === undefined) continue;
      this.#pending.delete(id);
      try {
        this.#record(batch, batch.delivery.classify(answer));
      } catch (error) {
        this.#lose(batch, messageOf(error));
      }
    }
  }

  #lose({ noun, items }: ItemCount, reason: string): void {
    this.#options.losses.add(noun, items, reason);
  }

  #record({ noun, items }: ItemCount, result: DeliveryResult): void {
    const { losses } = this.#options;
    const { invalid } = result;
    if (invalid !== undefined) {
      const isPart = invalid.items === 0;
      losses.add(isPart ? 'data points' : noun, isPart ? invalid.size : invalid.items, `invalid: ${invalid.message}`);
    }
    if (result.status !== 'delivered') losses.add(noun, items - (invalid?.items ?? 0), describeFailure(result));
    else if (result.rejected > 0) losses.add(noun, result.rejected, `rejected: ${result.message}`);
  }
}

interface NumberedBatch extends FinalBatch, Pick<FinalExport, 'noun' | 'maxInFlight'> {
  /** The number of its export. */
  readonly lane: number;
}

/** The first batch of each export, then the second of each: should time run out, it does so for all signals alike. */
function inTurns(exports: readonly FinalExport[]): readonly NumberedBatch[] {
  const taken = exports.map(({ noun, maxInFlight, takeBatches }, lane) =>
    takeBatches().map(({ items, prepare }) => ({ lane, noun, maxInFlight, items, prepare })),
  );
  const rounds = Math.max(0, ...taken.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => taken.flatMap((batches) => batches[round] ?? [])).flat();
}

function describeFailure({ status, error }: Exclude<DeliveryResult, { readonly status: 'delivered' }>): string {
  return status === 'invalid' ? `invalid: ${error.message}` : error.message;
}
