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

/** Longer than the usual export intervals of OTLP clients (60 s at most), so that they can reuse their connection. */
const KEEP_ALIVE_MILLIS = 75_000;
/** Of one request; more are answered 431. Every connection may hold as much in memory. */
const MAX_HEADER_BYTES = 16 * 1024;
/** How often Node checks for requests that are too slow. With its default of 30 s, a timeout of 10 s could take 40 s. */
const TIMEOUT_CHECK_MILLIS = 1000;

/** The HTTP server, with limits on connections, headers and slow clients. */
export class HttpListener {
  /** For closing it. */
  readonly server: Server;

  constructor(options: ListenerOptions, handle: Handler) {
    const { headersTimeoutMillis, bodyTimeoutMillis, report } = options;
    this.server = createServer({
      headersTimeout: headersTimeoutMillis,
      // The receiver itself answers 408 to a slow body. This later timeout ends requests that were answered early and still send.
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
    // For example EMFILE in accept(): that connection is lost, the server continues. Without a listener the process would end.
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

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Host and port as in a URL. */
export function authority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
