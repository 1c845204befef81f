import { type EventEmitter, errorMonitor } from 'node:events';
import { type Context, context } from '@opentelemetry/api';

/**
 * Makes the listeners of a request or response run in its context.
 *
 * Later chunks of a body arrive in the context of the connection (since Node 24), not of the request. Wrapping the listeners
 * or `emit` would put frames of ours into the stack of everything they throw; so a listener of ours goes ahead of the
 * application's first one for each event, and enters the context.
 */
export function keepContext(emitter: EventEmitter, kept: Context): void {
  const enter = (): void => {
    if (context.active() !== kept) context.attach(kept);
  };
  emitter.on('newListener', (event: string | symbol, listener: unknown) => {
    if (listener === enter || event === 'newListener' || event === 'removeListener') return;
    // A listener for `error` would take errors away from the process; errorMonitor comes first and takes nothing.
    const ahead = event === 'error' ? errorMonitor : event;
    if (!emitter.listeners(ahead).includes(enter)) emitter.prependListener(ahead, enter);
  });
}
