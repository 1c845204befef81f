import type { Socket } from 'node:net';
import { diag } from '@opentelemetry/api';

/**
 * Ends the exchanges that are still open when their connection is closed. Node 22 never emits `close` of a response if the
 * connection was destroyed before a pipelined request was processed (nodejs/node#62534). One listener per connection; none on
 * Node 24 and later, which emit the event.
 */
export class OpenExchanges {
  readonly #isNeeded = Number.parseInt(process.versions.node, 10) < 24;
  readonly #open = new WeakMap<Socket, Set<() => void>>();

  /** @returns a function to be called when the exchange has ended by itself */
  add(socket: Socket, end: () => void): () => void {
    if (!this.#isNeeded) return () => {};
    const open = this.#open.get(socket) ?? this.#watch(socket);
    open.add(end);
    // The request was parsed after the connection was closed.
    if (socket.closed) void Promise.resolve().then(() => endSafely(end));
    return () => void open.delete(end);
  }

  #watch(socket: Socket): Set<() => void> {
    const open = new Set<() => void>();
    this.#open.set(socket, open);
    // Otherwise this one could be the eleventh listener, for which Node prints a warning about a leak.
    const limit = socket.getMaxListeners();
    if (limit > 0) socket.setMaxListeners(limit + 1);
    socket.once('close', () => {
      // After the other listeners: Node's own closes the response that is being sent, and the application's may still use its span.
      void Promise.resolve().then(() => {
        for (const end of open) endSafely(end);
      });
    });
    return open;
  }
}

/** An error here would be an unhandled rejection, which ends the process. */
function endSafely(end: () => void): void {
  try {
    end();
  } catch (error) {
    diag.error('the instrumentation of an HTTP request failed', error);
  }
}
