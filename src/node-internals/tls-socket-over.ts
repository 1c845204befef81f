import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * The TLS socket over a TCP socket that a server has accepted. Node 22 only, where it is the way to a session of `node:http2`
 * (`sessionOnSocket`); seen on Node 22.15 and 22.23.
 *
 * Nothing that can be asked holds the TLS socket. One function knows it: the `connect` listener by which it repeats the event of
 * the TCP socket under it, told from the application's by its source text. For the length of this call, in which no other code
 * runs, `TLSSocket.prototype.emit` is replaced, so that the event is caught instead of emitted: what it is caught on is the TLS
 * socket. Looked for and not found on Node 22: a diagnostics channel (`net.server.socket` gives the TCP socket,
 * `http2.server.stream.*` are missing in 22.15 and tell of later streams only), a list of the server's, a field of the TCP socket or
 * of its handle.
 *
 * Where the listener is another, or the application has replaced `emit` itself, there is none: HTTP/2 sessions over TLS get no
 * GOAWAY from a shutdown (see `http2SessionsOf`).
 */
export function tlsSocketOver(socket: Socket): TLSSocket | undefined {
  const repeat = socket.listeners('connect').find((listener) => String(listener).includes(`this.emit('connect')`));
  if (repeat === undefined || Object.hasOwn(TLSSocket.prototype, 'emit')) return undefined;
  const caught: unknown[] = [];
  Object.defineProperty(TLSSocket.prototype, 'emit', {
    configurable: true,
    value(this: unknown) {
      caught.push(this);
      return false;
    },
  });
  try {
    Reflect.apply(repeat, socket, []);
  } finally {
    Reflect.deleteProperty(TLSSocket.prototype, 'emit');
  }
  return caught.find((emitter) => emitter instanceof TLSSocket);
}
