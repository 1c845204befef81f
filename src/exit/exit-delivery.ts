import { monotonicMillis } from '../clock/clock.ts';
import type { DeliveryResult } from '../outbox/delivery.ts';
import type { FinalDelivery, FinalExport } from './final-export.ts';
import { type ExitAnswer, type ExitRequest, NO_ANSWER } from './exit-request.ts';
import type { LossReport } from './loss-report.ts';
import { messageOf } from '../values/thrown.ts';
import { SyncRequester, type SyncRequesterOptions } from './sync-request.ts';

export interface ExitDeliveryOptions extends SyncRequesterOptions {
  /** Milliseconds that all calls of `deliver` may take together; 0: nothing is delivered. */
  readonly timeoutMillis: number;
  /** Ends the live spans, so that they are in an outbox when the batches are taken. */
  readonly beforeDelivery: (exitCode: number) => void;
  readonly exports: readonly FinalExport[];
  readonly losses: LossReport;
  /** Receives one line about what was lost, if anything was. */
  readonly onLoss: (message: string) => void;
}

/**
 * Delivers what the outboxes hold, and blocks this thread until then. May be called again: it then delivers what was added
 * since, within the rest of the same time budget. If there is nothing to send, no worker is started. It never throws.
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
      const startedAt = monotonicMillis();
      send(this.#options, (requests) => this.#requester.send(requests, this.#leftMillis));
      this.#leftMillis = Math.max(0, this.#leftMillis - (monotonicMillis() - startedAt));
    } catch (error) {
      losses.fail(error);
    }
  }

  /** Reports in one line what was lost, if anything was. */
  reportLosses(): void {
    const lost = this.#options.losses.take();
    if (lost !== '') this.#options.onLoss(`lost at the end of the process: ${lost}`);
  }
}

interface PendingRequest {
  readonly noun: string;
  readonly items: number;
  readonly delivery: FinalDelivery & { readonly kind: 'request' };
}

type SendSync = (requests: readonly ExitRequest[]) => readonly (ExitAnswer | undefined)[];

function send(options: ExitDeliveryOptions, sendSync: SendSync): void {
  const { losses, exports } = options;
  const pending: PendingRequest[] = [];
  for (const { noun, takeBatches } of exports) {
    for (const { items, prepare } of takeBatches()) {
      if (options.timeoutMillis === 0) {
        losses.add(noun, items, 'SWANSONG_EXIT_TIMEOUT is 0');
        continue;
      }
      try {
        const delivery = prepare();
        if (delivery.kind === 'request') pending.push({ noun, items, delivery });
        else recordLoss(losses, noun, items, delivery.deliver());
      } catch (error) {
        losses.add(noun, items, messageOf(error));
      }
    }
  }
  if (pending.length === 0) return;
  let answers: ReturnType<SendSync>;
  try {
    answers = sendSync(pending.map(({ delivery }) => delivery.request));
  } catch (error) {
    for (const { noun, items } of pending) losses.add(noun, items, messageOf(error));
    return;
  }
  for (const [index, { noun, items, delivery }] of pending.entries()) {
    const answer = answers[index];
    if (answer === undefined) losses.add(noun, items, NO_ANSWER);
    else recordLoss(losses, noun, items, delivery.classify(answer));
  }
}

function recordLoss(losses: LossReport, noun: string, items: number, result: DeliveryResult): void {
  const { invalid } = result;
  if (invalid !== undefined) {
    const isPart = invalid.items === 0;
    losses.add(isPart ? 'data points' : noun, isPart ? invalid.size : invalid.items, `invalid: ${invalid.message}`);
  }
  if (result.status !== 'delivered') losses.add(noun, items - (invalid?.items ?? 0), describeFailure(result));
  else if (result.rejected > 0) losses.add(noun, result.rejected, `rejected: ${result.message}`);
}

function describeFailure({ status, error }: Exclude<DeliveryResult, { readonly status: 'delivered' }>): string {
  return status === 'invalid' ? `invalid: ${error.message}` : error.message;
}
