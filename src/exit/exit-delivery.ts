import type { DeliveryResult } from '../outbox/delivery.ts';
import type { FinalDelivery, FinalExport } from './final-export.ts';
import { type ExitAnswer, type ExitRequest, NO_ANSWER } from './exit-request.ts';
import type { LossReport } from './loss-report.ts';
import { messageOf } from '../values/to-error.ts';
import { SyncRequester, type SyncRequesterOptions } from './sync-request.ts';

export interface ExitDeliveryOptions extends SyncRequesterOptions {
  /** Milliseconds that all of it may take; 0: nothing is delivered. */
  readonly timeoutMillis: number;
  /** Ends what is still open, so that it is in an outbox when the batches are taken. */
  readonly beforeDelivery: (exitCode: number) => void;
  readonly exports: readonly FinalExport[];
  readonly losses: LossReport;
  /** One line about what was lost, where something was. */
  readonly onLoss: (message: string) => void;
}

/**
 * Delivers what the outboxes hold, while this thread stands still. May be called again: it then delivers what has come since,
 * within what is left of the one budget. Nothing to send: no worker, no delay. It never throws.
 */
export class ExitDelivery {
  readonly #options: ExitDeliveryOptions;
  readonly #requester: SyncRequester;
  #leftMillis: number;

  constructor(options: ExitDeliveryOptions) {
    this.#options = options;
    this.#requester = new SyncRequester(options);
    this.#leftMillis = options.timeoutMillis;
  }

  deliver(exitCode: number): void {
    const { losses, beforeDelivery } = this.#options;
    try {
      beforeDelivery(exitCode);
      const startedAt = performance.now();
      send(this.#options, (requests) => this.#requester.send(requests, this.#leftMillis));
      this.#leftMillis = Math.max(0, this.#leftMillis - (performance.now() - startedAt));
    } catch (error) {
      losses.fail(error);
    }
  }

  /** Reports in one line what was lost, where something was. */
  reportLosses(): void {
    const lost = this.#options.losses.take();
    if (lost !== '') this.#options.onLoss(`lost at the end of the process: ${lost}`);
  }
}

interface Sent {
  readonly noun: string;
  readonly items: number;
  readonly delivery: FinalDelivery & { readonly kind: 'request' };
}

type SendSync = (requests: readonly ExitRequest[]) => readonly (ExitAnswer | undefined)[];

function send(options: ExitDeliveryOptions, sendSync: SendSync): void {
  const { losses, exports } = options;
  const toSend: Sent[] = [];
  for (const { noun, takeBatches } of exports) {
    for (const { items, prepare } of takeBatches()) {
      if (options.timeoutMillis === 0) {
        losses.add(noun, items, 'SWANSONG_EXIT_TIMEOUT is 0');
        continue;
      }
      try {
        const delivery = prepare();
        if (delivery.kind === 'request') toSend.push({ noun, items, delivery });
        else enter(losses, noun, items, delivery.deliver());
      } catch (error) {
        losses.add(noun, items, messageOf(error));
      }
    }
  }
  if (toSend.length === 0) return;
  let answers: ReturnType<SendSync>;
  try {
    answers = sendSync(toSend.map(({ delivery }) => delivery.request));
  } catch (error) {
    for (const { noun, items } of toSend) losses.add(noun, items, messageOf(error));
    return;
  }
  for (const [index, { noun, items, delivery }] of toSend.entries()) {
    const answer = answers[index];
    if (answer === undefined) losses.add(noun, items, NO_ANSWER);
    else enter(losses, noun, items, delivery.classify(answer));
  }
}

function enter(losses: LossReport, noun: string, items: number, result: DeliveryResult): void {
  if (result.status !== 'delivered') losses.add(noun, items, result.error.message);
  else if (result.rejected > 0) losses.add(noun, result.rejected, `rejected: ${result.message}`);
}
