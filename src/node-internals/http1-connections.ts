import { type Server, Socket } from 'node:net';
import { isObject } from '../values/is-object.ts';
import { unexportedField } from './unexported-field.ts';

export interface Http1Connection {
  /** Under TLS the TLS socket. */
  readonly socket: Socket;
  /**
   * The parser is between two requests, even while the last one is still being answered (`responseOn`). For a connection that has
   * sent nothing yet it is false on Node 22 and 24, which wait for the first request, and true on Node 26.
   */
  readonly idle: boolean;
}

/**
 * The HTTP/1 connections of a server, without those that were upgraded to another protocol: the list behind the symbol
 * `http.server.connections`, whose methods `all()` and `idle()` give parsers, each with its `socket`. It is what
 * `closeAllConnections()` and `closeIdleConnections()` read. Seen on Node 22, 24 and 26, there also on servers of `node:http2` that
 * allow HTTP/1.
 *
 * Those two methods are the public way and not sufficient: they destroy all connections, or all that are idle at the moment, even if
 * a request is on its way; on Node 22 and 24 none that has sent nothing yet.
 *
 * Where it is missing the list is empty: idle connections are not closed early but wait for their client, for the `Connection:
 * close` of their next answer, or for the deadline, where `socketsOf` finds them; `requestsCut` does not count their requests.
 */
export function http1ConnectionsOf(server: Server): Http1Connection[] {
  const list = unexportedField(server, 'http.server.connections');
  if (!isObject(list)) return [];
  const idle = new Set(socketsIn(list, 'idle'));
  return socketsIn(list, 'all').map((socket) => ({ socket, idle: idle.has(socket) }));
}

function socketsIn(list: object, method: 'all' | 'idle'): Socket[] {
  const read: unknown = Reflect.get(list, method);
  const parsers: unknown = typeof read === 'function' ? Reflect.apply(read, list, []) : undefined;
  if (!Array.isArray(parsers)) return [];
  return parsers
    .map((parser: unknown): unknown => (isObject(parser) ? Reflect.get(parser, 'socket') : undefined))
    .filter((socket) => socket instanceof Socket);
}
