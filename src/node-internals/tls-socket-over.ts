import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * The TLS socket over a TCP socket that a server has accepted. Node 22 only, where it is the way to a session of `node:http2`
 * (`sessionOnSocket`); seen on Node 22.15 and 22.23.
 *
 * No property refers to the TLS socket. Only a function does: the `connect` listener by which the TLS socket repeats the event of
 * its TCP socket, recognised by its source text. During this call, in which no code of the application runs,
 * `TLSSocket.prototype.emit` is replaced and that listener is called: the `this` of the replacement is the TLS socket, and nothing
 * is emitted. Not available on Node 22: a diagnostics channel (`net.server.socket` has the TCP socket, `http2.server.stream.*` are
 * missing in 22.15 and report only later streams), a list of the server, a field of the TCP socket or of its handle.
 *
 * Undefined if there is no such listener, or if the application has replaced `emit`; then HTTP/2 sessions over TLS get no
 * GOAWAY from a shutdown (see `http2SessionsOf`).
 */
export function tlsSocketOver(socket: Socket): TLSSocket | undefined {
  const repeat = socket.listeners('connect').find((listener) => String(listener).includes(`this.emit('connect')`));
  if (repeat === undefined || Object.hasOwn(TLSSocket.prototype, 'emit')) return undefined;
  const emitters: unknown[] = [];
  Object.defineProperty(TLSSocket.prototype, 'emit', {
    configurable: true,
    value(this: unknown) {
      emitters.push(this);
      return false;
    },
  });
  try {
    Reflect.apply(repeat, socket, []);
  } finally {
    Reflect.deleteProperty(TLSSocket.prototype, 'emit');
  }
  return emitters.find((emitter) => emitter instanceof TLSSocket);
}
