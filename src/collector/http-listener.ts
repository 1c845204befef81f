import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListenerOptions {
  readonly maxConnections: number;
  readonly headersTimeoutMillis: number;
  readonly bodyTimeoutMillis: number;
  readonly report: (line: string) => void;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Longer than the intervals at which OTLP clients export, so that they find their connection open. */
const KEEP_ALIVE_MILLIS = 75_000;
/** Of one request; more are answered 431. Each connection may hold as much. */
const MAX_HEADER_BYTES = 16 * 1024;
/** How often Node looks for requests that are too slow; its own 30 s would make a timeout of 10 s one of 40. */
const TIMEOUT_CHECK_MILLIS = 1000;

/** An HTTP server that is bounded while it runs. */
export class HttpListener {
  /** For those who close it. */
  readonly server: Server;

  constructor(options: ListenerOptions, handle: Handler) {
    const { headersTimeoutMillis, bodyTimeoutMillis, report } = options;
    this.server = createServer({
      headersTimeout: headersTimeoutMillis,
      // The receiver answers 408 to a slow body; this one cuts off what it has answered early and what still comes in.
      requestTimeout: headersTimeoutMillis + bodyTimeoutMillis + TIMEOUT_CHECK_MILLIS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MILLIS,
      keepAliveTimeout: KEEP_ALIVE_MILLIS,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    this.server.maxConnections = options.maxConnections;
    this.server.on('request', (request, response) => {
      handle(request, response).catch((error: unknown) => {
        report(`${request.method} ${request.url}: ${String(error)}`);
        response.destroy();
      });
    });
    // For example EMFILE while accepting: the connection is lost, the server goes on. Without a listener the process ends.
    this.server.on('error', (error) => {
      if (this.server.listening) report(`cannot accept a connection (${error.message})`);
    });
  }

  /** @throws the error of the operating system, for example EADDRINUSE */
  async listen(host: string, port: number): Promise<AddressInfo> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has no address');
    return address;
  }
}

/** Only this machine reaches it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** As it stands in a URL. */
export function authority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
