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

/** Published for every exchange of the server; the second one also for an exchange that began before the subscription. */
const STARTED = 'http.server.request.start';
const FINISHED = 'http.server.response.finish';

/**
 * Adds `Connection: close` to responses whose headers are not sent yet. Only the response to the newest request of a connection
 * may have it: Node closes the connection after it, so that requests pipelined behind it would get no response.
 * `shouldKeepAlive` does it without a header that the application would see, and a header that the application sets wins.
 */
export class CloseAfterResponse {
  readonly #server: Server;
  /** In the order of their requests. For requests pipelined before `start()`, Node shows only the one being answered. */
  readonly #unanswered = new Map<Socket, Set<ServerResponse>>();
  /** Responses that would have kept the connection alive. */
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

  /** The number of requests on a connection whose response is not complete. */
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
    // Node starts the next pipelined response only after this message.
    void Promise.resolve().then(() => this.#resume(socket));
  };

  /** Adds the response that is being sent on a connection, which may have begun before `start()`. */
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

  /** To be called for a response when a newer request has arrived on its connection. */
  #letContinue(response: ServerResponse): void {
    if (!this.#last.delete(response)) return;
    if (!response.headersSent) response.shouldKeepAlive = true;
    // It has sent `Connection: close` already: both requests arrived together, and the first was answered before the second was
    // parsed. A strict client repeats the second request elsewhere; other clients get the response, since its handler is running.
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
