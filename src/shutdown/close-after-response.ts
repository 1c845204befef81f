import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { http1ConnectionsOf } from '../node-internals/http1-connections.ts';
import { isNewestOn, keepOpenAfter, responseOn } from '../node-internals/http1-exchange.ts';

interface Exchange {
  readonly server: Server;
  readonly socket: Socket;
  readonly response: ServerResponse;
}

/** Node's channels see every exchange of the server, also one that began before anybody listened. */
const STARTED = 'http.server.request.start';
const FINISHED = 'http.server.response.finish';

/**
 * Makes answers say `Connection: close`, where their headers are not sent yet. Only the answer to the newest request of a
 * connection may say so: after it Node closes the connection, and with it goes the answer to every request that was
 * pipelined behind it. `shouldKeepAlive` does it without a header that the application would see, and what the application
 * sets itself wins.
 */
export class CloseAfterResponse {
  readonly #server: Server;
  /** In the order of their requests. Of requests pipelined before the start, Node shows only the one being answered. */
  readonly #unanswered = new Map<Socket, Set<ServerResponse>>();
  /** Those that would have kept the connection alive. */
  readonly #last = new WeakSet<ServerResponse>();

  constructor(server: Server) {
    this.#server = server;
  }

  start(): void {
    subscribe(STARTED, this.#onStarted);
    subscribe(FINISHED, this.#onFinished);
    for (const { socket } of http1ConnectionsOf(this.#server)) this.#resume(socket);
  }

  stop(): void {
    unsubscribe(STARTED, this.#onStarted);
    unsubscribe(FINISHED, this.#onFinished);
    this.#unanswered.clear();
  }

  /** Requests of a connection that have not got their whole answer. */
  unanswered(socket: Socket): number {
    return this.#unanswered.get(socket)?.size ?? 0;
  }

  readonly #onStarted = (message: unknown): void => {
    if (!isExchangeOf(message, this.#server)) return;
    const { socket, response } = message;
    for (const older of this.#unanswered.get(socket) ?? []) this.#letContinue(older);
    this.#add(socket, response);
    this.#closeAfter(response);
  };

  readonly #onFinished = (message: unknown): void => {
    if (!isExchangeOf(message, this.#server)) return;
    const { socket, response } = message;
    const responses = this.#unanswered.get(socket);
    responses?.delete(response);
    if (responses?.size === 0) this.#unanswered.delete(socket);
    // Only after this message does Node take up the next pipelined answer.
    void Promise.resolve().then(() => this.#resume(socket));
  };

  /** The answer that is being sent on a connection, of which nothing was known so far. */
  #resume(socket: Socket): void {
    const response = responseOn(socket);
    if (response === undefined) return;
    this.#add(socket, response);
    if (isNewestOn(socket, response)) this.#closeAfter(response);
  }

  #add(socket: Socket, response: ServerResponse): void {
    const responses = this.#unanswered.get(socket);
    if (responses !== undefined) responses.add(response);
    else {
      this.#unanswered.set(socket, new Set([response]));
      socket.once('close', () => this.#unanswered.delete(socket));
    }
  }

  #closeAfter(response: ServerResponse): void {
    if (response.headersSent || !response.shouldKeepAlive) return;
    this.#last.add(response);
    response.shouldKeepAlive = false;
  }

  /** A newer request is on the connection. */
  #letContinue(response: ServerResponse): void {
    if (!this.#last.delete(response)) return;
    if (!response.headersSent) response.shouldKeepAlive = true;
    // It has said `close` already: both requests came in one piece, and the first was answered before the second was
    // parsed. A strict client asks again elsewhere; the others get their answer, as the handler of the second is running.
    else keepOpenAfter(response);
  }
}

function isExchangeOf(message: unknown, server: Server): message is Exchange {
  return (
    typeof message === 'object' &&
    message !== null &&
    'server' in message &&
    message.server === server &&
    'response' in message &&
    message.response instanceof ServerResponse
  );
}
