import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ListenerOptions {
  readonly maxConnections: number;
  readonly headersTimeoutMillis: number;
  readonly bodyTimeoutMillis: number;
  readonly report: (line: string) => void;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Longer than the intervals at which OTLP clients export, so that they find their connection open. */
const KEEP_ALIVE_MILLIS = 75_000;
/** How often Node looks for requests that are too slow; its own 30 s would make a timeout of 10 s one of 40. */
const TIMEOUT_CHECK_MILLIS = 1000;

/** An HTTP server that is bounded while it runs and ends within a given time. */
export class HttpListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #inFlight = new Set<ServerResponse>();
  #isClosing = false;

  constructor(options: ListenerOptions, handle: Handler) {
    const { headersTimeoutMillis, bodyTimeoutMillis, report } = options;
    this.#server = createServer({
      headersTimeout: headersTimeoutMillis,
      // The receiver answers 408 to a slow body; this one cuts off what it has answered early and what still comes in.
      requestTimeout: headersTimeoutMillis + bodyTimeoutMillis + TIMEOUT_CHECK_MILLIS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MILLIS,
      keepAliveTimeout: KEEP_ALIVE_MILLIS,
    });
    this.#server.maxConnections = options.maxConnections;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('request', (request, response) => {
      this.#inFlight.add(response);
      response.once('close', () => this.#inFlight.delete(response));
      if (this.#isClosing) response.setHeader('connection', 'close');
      handle(request, response).catch((error: unknown) => {
        report(`${request.method} ${request.url}: ${String(error)}`);
        response.destroy();
      });
    });
    // For example EMFILE while accepting: the connection is lost, the server goes on. Without a listener the process ends.
    this.#server.on('error', (error) => {
      if (this.#server.listening) report(`cannot accept a connection (${error.message})`);
    });
  }

  /** @throws the error of the operating system, for example EADDRINUSE */
  async listen(host: string, port: number): Promise<AddressInfo> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has no address');
    return address;
  }

  /** Stops listening, lets the requests in flight be answered, cuts what is left after the timeout. */
  async close(timeoutMillis: number): Promise<void> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const busy = new Set<Socket | null>();
    for (const response of this.#inFlight) {
      busy.add(response.socket);
      if (!response.headersSent) response.setHeader('connection', 'close');
    }
    // Not closeIdleConnections(): it keeps those that have not sent anything yet, and with them the server open.
    for (const socket of this.#sockets) {
      if (!busy.has(socket)) socket.destroy();
    }
    const timer = setTimeout(() => this.#server.closeAllConnections(), timeoutMillis);
    await closed;
    clearTimeout(timer);
  }
}
