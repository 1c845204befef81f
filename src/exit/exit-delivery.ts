import type { DeliveryResult } from '../outbox/delivery.ts';
import type { Departure, LastWay } from './departure.ts';
import { NO_ANSWER } from './exit-request.ts';
import type { LossLedger } from './loss-ledger.ts';
import { syncRequest, type SyncRequestOptions } from './sync-request.ts';

export interface ExitDeliveryOptions extends SyncRequestOptions {
  /** Ends what is still open, so that it is in an outbox when the parcels are made. */
  readonly beforeDelivery: (exitCode: number) => void;
  readonly departures: readonly Departure[];
  readonly ledger: LossLedger;
  /** One line about what was lost, where something was. */
  readonly onLoss: (message: string) => void;
}

/**
 * Delivers what the outboxes hold, while this thread stands still. May be called again: it then delivers what has come since.
 * Nothing to send: no worker, no delay. It never throws.
 */
export function deliverLast(options: ExitDeliveryOptions, exitCode: number): void {
  try {
    options.beforeDelivery(exitCode);
    deliver(options);
    const losses = options.ledger.settle();
    if (losses !== '') options.onLoss(`lost at the end of the process: ${losses}`);
  } catch (error) {
    options.onLoss(`the telemetry of the process's end could not be delivered: ${String(error)}`);
  }
}

interface Sent {
  readonly noun: string;
  readonly items: number;
  readonly way: LastWay & { readonly kind: 'request' };
}

function deliver(options: ExitDeliveryOptions): void {
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
        ledger.add(noun, items, error instanceof Error ? error.message : String(error));
      }
    }
  }
  if (toSend.length === 0) return;
  const requests = toSend.map(({ way }) => way.request);
  const answers = syncRequest(requests, options);
  for (const [index, { noun, items, way }] of toSend.entries()) {
    const answer = answers[index];
    if (answer === undefined) ledger.add(noun, items, NO_ANSWER);
    else enter(ledger, noun, items, way.judge(answer));
  }
}

function enter(ledger: LossLedger, noun: string, items: number, result: DeliveryResult): void {
  if (result.status !== 'delivered') ledger.add(noun, items, result.error.message);
  else if (result.rejected > 0) ledger.add(noun, result.rejected, `rejected: ${result.message}`);
}
