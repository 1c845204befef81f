import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCode } from '../values/thrown.ts';
import { MinuteReport } from './minute-report.ts';

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
/** The first bytes of a TLS connection (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 22;
const TLS_MAJOR_VERSION = 3;

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
    const clients = new MinuteReport(report);
    // The server has answered 400 before the socket is destroyed with the error of its parser.
    this.server.on('connection', (socket) => {
      socket.on('error', (error) => {
        const line = otherProtocol(error);
        if (line !== undefined) clients.say(line, line);
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

/** What was sent in place of HTTP/1, if that is known. @param error of Node's parser */
function otherProtocol(error: Error): string | undefined {
  const code = errorCode(error);
  if (code === 'HPE_PAUSED_H2_UPGRADE')
    return 'a client sent HTTP/2, as OTLP/gRPC does, and was answered 400: this port takes OTLP/HTTP (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf)';
  const bytes: unknown = Reflect.get(error, 'rawPacket');
  if (code?.startsWith('HPE_') !== true || !Buffer.isBuffer(bytes)) return undefined;
  const isTls = bytes[0] === TLS_HANDSHAKE && bytes[1] === TLS_MAJOR_VERSION;
  return isTls ? 'a client sent TLS and was answered 400: this port takes http, not https' : undefined;
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Host and port as in a URL. */
export function authority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
