import { type EventEmitter, errorMonitor } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Context, context } from '@opentelemetry/api';

/**
 * Makes what a body brings run in the context of its request: since Node 24 later chunks arrive in that of the connection.
 *
 * The parser calls `push`; the accessor enters the context and hands out the very `push` it would have found. Wrapping it, or
 * `emit`, would put a frame of ours into the stack of everything that a listener throws, and a second listener would have Node
 * call the first one from another line.
 */
export function keepContextOfBody(request: IncomingMessage, kept: Context): void {
  let own: unknown;
  Object.defineProperty(request, 'push', {
    configurable: true,
    enumerable: false,
    get(): unknown {
      enter(kept);
      return own ?? Reflect.get(Object.getPrototypeOf(request), 'push');
    },
    set(value: unknown) {
      own = value;
    },
  });
}

/** Of the events below, these come out of `push`, in its context or in that of who reads. */
const OF_THE_BODY: ReadonlySet<string | symbol> = new Set(['data', 'end', 'readable', 'pause', 'resume']);

/**
 * Makes the other listeners of a request or response run in its context: a listener of ours goes ahead of the application's
 * first one for each event, and enters it.
 */
export function keepContext(emitter: EventEmitter, kept: Context): void {
  const enterFirst = (): void => enter(kept);
  emitter.on('newListener', (event: string | symbol, listener: unknown) => {
    if (listener === enterFirst || event === 'newListener' || event === 'removeListener') return;
    if (OF_THE_BODY.has(event)) return;
    // A listener for `error` would take errors away from the process; errorMonitor comes first and takes nothing.
    const ahead = event === 'error' ? errorMonitor : event;
    if (!emitter.listeners(ahead).includes(enterFirst)) emitter.prependListener(ahead, enterFirst);
  });
}

function enter(kept: Context): void {
  if (context.active() !== kept) context.attach(kept);
}
