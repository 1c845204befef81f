import type { ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { http1ConnectionsOf } from '../node-internals/http1-connections.ts';
import { responseOn } from '../node-internals/http1-exchange.ts';
import { http2SessionsOf, isHttp2Server, openStreams } from '../node-internals/http2-sessions.ts';
import { socketsOf } from '../node-internals/server-sockets.ts';
import { monotonicMillis } from '../clock/clock.ts';

interface Quiet {
  readonly since: number;
  readonly bytesRead: number;
}

/**
 * Closes idle connections, each after a grace of its own: a request may be on its way while the connection looks idle, and closing
 * would reset it. A connection on which nothing arrived during the grace is closed; any other gets the response to its request,
 * with `Connection: close`.
 */
export class CloseIdleConnections {
  readonly #server: Server;
  readonly #graceMillis: number;
  readonly #speaksHttp: boolean;
  readonly #quiet = new Map<object, Quiet>();

  constructor(server: Server, graceMillis: number) {
    this.#server = server;
    this.#graceMillis = graceMillis;
    this.#speaksHttp = isHttp2Server(server) || 'closeIdleConnections' in server;
  }

  /**
   * To be called repeatedly, in `setImmediate`: by then received data has been read and parsed, so that a connection that looks
   * idle has no request in the kernel's buffer.
   */
  sweep(): void {
    // The protocol of a plain node:net or node:tls server is the application's: only it knows what is idle.
    if (!this.#speaksHttp) return;
    const now = monotonicMillis();
    const seen = new Set<object>();
    const isOver = (connection: object, bytesRead: number): boolean => {
      seen.add(connection);
      return this.#wasQuiet(connection, bytesRead, now);
    };
    for (const { socket, idle } of http1ConnectionsOf(this.#server)) {
      if (responseOn(socket) !== undefined) continue;
      if ((idle || socket.bytesRead === 0) && isOver(socket, socket.bytesRead)) socket.destroy();
    }
    for (const socket of this.#silentTcpSockets()) if (isOver(socket, 0)) socket.destroy();
    for (const session of http2SessionsOf(this.#server)) {
      if (session.closed || session.destroyed) continue;
      // GOAWAY states which streams are answered, so a session is closed at once. Only one without a stream so far gets the
      // grace, for its first.
      if (hasServed(session) || isOver(session, 0)) session.close();
    }
    for (const connection of this.#quiet.keys()) if (!seen.has(connection)) this.#quiet.delete(connection);
  }

  #wasQuiet(connection: object, bytesRead: number, now: number): boolean {
    const quiet = this.#quiet.get(connection);
    if (quiet?.bytesRead === bytesRead) return now - quiet.since >= this.#graceMillis;
    this.#quiet.set(connection, { since: now, bytesRead });
    return false;
  }

  /** A port probe, or a connection opened ahead of its use: no TLS handshake has begun, so no HTTP connection exists yet. */
  #silentTcpSockets(): Socket[] {
    if (!(this.#server instanceof TlsServer)) return [];
    return socketsOf(this.#server).filter(({ bytesRead, destroyed }) => bytesRead === 0 && !destroyed);
  }
}

/** Whether a client has opened a stream. */
export function hasServed(session: ServerHttp2Session): boolean {
  return openStreams(session) > 0 || (session.state.lastProcStreamID ?? 0) > 0;
}
