import type { Socket } from 'node:net';
import { diag } from '@opentelemetry/api';

/**
 * Ends what is still open on a connection when that is closed. On Node 22 `close` of a response never comes where the connection
 * was destroyed before it was the turn of a pipelined request (nodejs/node#62534). One listener for each connection, and on
 * Node 24 and later none, since there the event comes.
 */
export class OpenExchanges {
  readonly #isNeeded = Number.parseInt(process.versions.node, 10) < 24;
  readonly #open = new WeakMap<Socket, Set<() => void>>();

  /** @returns what to call when the exchange has ended by itself */
  add(socket: Socket, end: () => void): () => void {
    if (!this.#isNeeded) return () => {};
    const open = this.#open.get(socket) ?? this.#watch(socket);
    open.add(end);
    // Requests that were parsed after that.
    if (socket.closed) void Promise.resolve().then(() => endSafely(end));
    return () => void open.delete(end);
  }

  #watch(socket: Socket): Set<() => void> {
    const open = new Set<() => void>();
    this.#open.set(socket, open);
    // Ours must not be the eleventh, for which Node prints a warning about a leak.
    const limit = socket.getMaxListeners();
    if (limit > 0) socket.setMaxListeners(limit + 1);
    socket.once('close', () => {
      // After the other listeners: Node's closes the response that is being sent, and the application's may still add to its span.
      void Promise.resolve().then(() => {
        for (const end of open) endSafely(end);
      });
    });
    return open;
  }
}

/** What is thrown here would be a rejection that nobody handles, which ends the process. */
function endSafely(end: () => void): void {
  try {
    end();
  } catch (error) {
    diag.error('the instrumentation of an HTTP request failed', error);
  }
}
