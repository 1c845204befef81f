import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { subscribe } from '../subscribe.ts';

interface Exchange {
  readonly response: ServerResponse;
  readonly socket: Socket;
}

/**
 * Tells when a response has been sent, or its connection is closed. By a channel and by one listener of the connection, not by
 * `close` of the response: the application can remove that listener (`removeAllListeners()`), and on Node 22 the event never
 * comes where the connection was destroyed before it was the turn of a pipelined request (nodejs/node#62534).
 */
export class ExchangeEnds {
  readonly #ends = new WeakMap<object, () => void>();
  readonly #open = new WeakMap<Socket, Set<ServerResponse>>();

  constructor() {
    subscribe('http.server.response.finish', (message) => {
      if (!('response' in message && typeof message.response === 'object' && message.response !== null)) return;
      const { response } = message;
      // Node publishes ahead of the application's listeners for `finish`, which may still add to the span.
      if (this.#ends.has(response)) void Promise.resolve().then(() => this.#end(response));
    });
  }

  watch({ response, socket }: Exchange, onEnd: () => void): void {
    const open = this.#open.get(socket) ?? this.#watchSocket(socket);
    this.#ends.set(response, () => {
      open.delete(response);
      onEnd();
    });
    open.add(response);
    // Requests that were parsed after that.
    if (socket.closed) this.#end(response);
  }

  #watchSocket(socket: Socket): Set<ServerResponse> {
    const open = new Set<ServerResponse>();
    this.#open.set(socket, open);
    // Ours must not be the eleventh, for which Node prints a warning about a leak.
    const limit = socket.getMaxListeners();
    if (limit > 0) socket.setMaxListeners(limit + 1);
    socket.once('close', () => {
      for (const response of open) this.#end(response);
    });
    return open;
  }

  #end(response: object): void {
    const end = this.#ends.get(response);
    this.#ends.delete(response);
    end?.();
  }
}
