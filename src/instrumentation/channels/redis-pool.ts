import { monotonicMillis } from '../../clock/clock.ts';
import { read } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';

const POOL_WAIT = 'node-redis:pool:connection-wait';
const CLOSED = 'node-redis:connection:closed';
/** More than it takes to hand out a client that is free, less than it takes to connect one. */
const MAX_NO_WAIT_MILLIS = 1;

/** A client of a pool. */
interface Pooled {
  /** When the last of its commands was answered, in milliseconds of the monotonic clock. */
  answeredAt: number;
  /** Whether it works for a task that had waited for it. */
  isForWaiter: boolean;
}

/** By `clientId`. */
const pooled = new Map<unknown, Pooled>();

/** The channels that `observePools()` subscribes to, beside those of commands. */
export const POOL_CHANNELS: readonly string[] = [POOL_WAIT, CLOSED];

/**
 * Follows which clients work for a task that had waited for one. A pool runs it in the context of the task that gave the client back,
 * which may be another request's, and nothing tells whose it is.
 */
export function observePools(): void {
  // Published right before the task runs.
  subscribe(POOL_WAIT, (message) => {
    const id = read(message, 'clientId');
    const since = read(message, 'waitStartTimestamp');
    if (typeof since !== 'number') return;
    const client = pooled.get(id) ?? { answeredAt: -Infinity, isForWaiter: false };
    pooled.set(id, client);
    // A client that is free when the task comes has been answered before.
    client.isForWaiter = since <= client.answeredAt || monotonicMillis() - since > MAX_NO_WAIT_MILLIS;
  });
  subscribe(CLOSED, (message) => {
    pooled.delete(read(message, 'clientId'));
  });
  for (const channel of ['command', 'batch']) {
    subscribe(`tracing:node-redis:${channel}:asyncEnd`, (message) => {
      const client = pooled.size === 0 ? undefined : pooled.get(read(message, 'clientId'));
      if (client !== undefined) client.answeredAt = monotonicMillis();
    });
  }
}

/** @param message of a command or batch */
export function isForWaiter(message: object): boolean {
  return pooled.size > 0 && pooled.get(read(message, 'clientId'))?.isForWaiter === true;
}
