import type { DeliveryResult } from '../outbox/delivery.ts';
import type { Departure, LastWay } from './final-export.ts';
import { type ExitAnswer, type ExitRequest, NO_ANSWER } from './exit-request.ts';
import type { LossReport } from './loss-report.ts';
import { messageOf } from '../values/to-error.ts';
import { SyncRequester, type SyncRequesterOptions } from './sync-request.ts';

export interface ExitDeliveryOptions extends SyncRequesterOptions {
  /** Milliseconds that all of it may take; 0: nothing is delivered. */
  readonly timeoutMillis: number;
  /** Ends what is still open, so that it is in an outbox when the parcels are made. */
  readonly beforeDelivery: (exitCode: number) => void;
  readonly departures: readonly Departure[];
  readonly ledger: LossReport;
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
    const { ledger, beforeDelivery } = this.#options;
    try {
      beforeDelivery(exitCode);
      const startedAt = performance.now();
      send(this.#options, (requests) => this.#requester.send(requests, this.#leftMillis));
      this.#leftMillis = Math.max(0, this.#leftMillis - (performance.now() - startedAt));
    } catch (error) {
      ledger.fail(error);
    }
  }

  /** Says in one line what was lost, where something was. */
  tell(): void {
    const losses = this.#options.ledger.settle();
    if (losses !== '') this.#options.onLoss(`lost at the end of the process: ${losses}`);
  }
}

interface Sent {
  readonly noun: string;
  readonly items: number;
  readonly way: LastWay & { readonly kind: 'request' };
}

type SendSync = (requests: readonly ExitRequest[]) => readonly (ExitAnswer | undefined)[];

function send(options: ExitDeliveryOptions, sendSync: SendSync): void {
  const { ledger, departures } = options;
  const toSend: Sent[] = [];
  for (const { noun, takeParcels } of departures) {
    for (const { items, pack } of takeParcels()) {
      if (options.timeoutMillis === 0) {
        ledger.add(noun, items, 'SWANSONG_EXIT_TIMEOUT is 0');
        continue;
      }
      try {
        const way = pack();
        if (way.kind === 'request') toSend.push({ noun, items, way });
        else enter(ledger, noun, items, way.deliver());
      } catch (error) {
        ledger.add(noun, items, messageOf(error));
      }
    }
  }
  if (toSend.length === 0) return;
  let answers: ReturnType<SendSync>;
  try {
    answers = sendSync(toSend.map(({ way }) => way.request));
  } catch (error) {
    for (const { noun, items } of toSend) ledger.add(noun, items, messageOf(error));
    return;
  }
  for (const [index, { noun, items, way }] of toSend.entries()) {
    const answer = answers[index];
    if (answer === undefined) ledger.add(noun, items, NO_ANSWER);
    else enter(ledger, noun, items, way.judge(answer));
  }
}

function enter(ledger: LossReport, noun: string, items: number, result: DeliveryResult): void {
  if (result.status !== 'delivered') ledger.add(noun, items, result.error.message);
  else if (result.rejected > 0) ledger.add(noun, result.rejected, `rejected: ${result.message}`);
}
