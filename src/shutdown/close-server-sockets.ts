import { Socket } from 'node:net';
import type { Server } from 'node:net';
import type { ServerHttp2Session } from 'node:http2';
import { TLSSocket } from 'node:tls';

/**
 * The connections of a server, also those from before anybody asked. Node has no public way to them: `getConnections()` is a
 * number, `closeIdleConnections()` and `closeAllConnections()` only destroy, and events tell nothing of the past. So these
 * are Node's own lists, the same that those methods read. Each is checked before it is used; where one is missing, its
 * connections are left to end by themselves, and `getConnections()` still counts them.
 */

/**
 * Every connection the server has accepted: what `_server` of an open handle names. Under TLS it is the TCP socket, whose end
 * is the TLS socket's end too. Connections the application has unreferenced are not among them.
 */
export function socketsOf(server: Server): Socket[] {
  const list: unknown = Reflect.get(process, '_getActiveHandles');
  if (typeof list !== 'function') return [];
  const handles: unknown = Reflect.apply(list, process, []);
  return Array.isArray(handles) ? handles.filter((handle) => isSocketOf(handle, server)) : [];
}

export interface Http1Connection {
  /** Under TLS the TLS socket. */
  readonly socket: Socket;
  /** Between two requests. A connection that has sent nothing yet is not idle in this sense: Node waits for its first one. */
  readonly idle: boolean;
}

/** Connections that speak HTTP/1, without those that were upgraded to another protocol. */
export function http1ConnectionsOf(server: Server): Http1Connection[] {
  const list = fieldOf(server, 'http.server.connections');
  const idle = new Set(parserSockets(list, 'idle'));
  return parserSockets(list, 'all').map((socket) => ({ socket, idle: idle.has(socket) }));
}

export function http2SessionsOf(server: Server): ServerHttp2Session[] {
  if (!isHttp2Server(server)) return [];
  const sessions = fieldOf(server, 'sessions');
  if (isIterable(sessions)) return [...sessions].filter((session) => isSession(session));
  // Node 22 has no list: there a session is found on its socket.
  return socketsOf(server).flatMap((socket) => sessionsOn(socket) ?? sessionsOn(tlsSocketOver(socket)) ?? []);
}

/** Streams that are open in a session. */
export function openStreams(session: ServerHttp2Session): number {
  const state = fieldOf(session, 'state');
  const streams: unknown = isObject(state) ? Reflect.get(state, 'streams') : undefined;
  // Node's own kind of Map: no `instanceof` tells it.
  const size: unknown = isObject(streams) ? Reflect.get(streams, 'size') : undefined;
  return typeof size === 'number' ? size : 0;
}

export function isHttp2Server(server: Server): boolean {
  // The classes are not exported; no other server has settings.
  return typeof Reflect.get(server, 'updateSettings') === 'function';
}

function isSocketOf(handle: unknown, server: Server): handle is Socket {
  return handle instanceof Socket && Reflect.get(handle, '_server') === server;
}

function parserSockets(list: unknown, method: 'all' | 'idle'): Socket[] {
  if (!isObject(list)) return [];
  const read: unknown = Reflect.get(list, method);
  const parsers: unknown = typeof read === 'function' ? Reflect.apply(read, list, []) : undefined;
  if (!Array.isArray(parsers)) return [];
  return parsers
    .map((parser: unknown): unknown => (isObject(parser) ? Reflect.get(parser, 'socket') : undefined))
    .filter((socket) => socket instanceof Socket);
}

function sessionsOn(socket: Socket | undefined): ServerHttp2Session[] | undefined {
  if (socket === undefined) return undefined;
  // All keys: the one in question was meant to be a symbol, and is the text "undefined".
  const values = Reflect.ownKeys(socket).map((key): unknown => Reflect.get(socket, key));
  const sessions = values.filter((value) => isSession(value));
  return sessions.length > 0 ? sessions : undefined;
}

/**
 * Node 22 only, whose TLS sockets are held by nothing that can be asked. One function knows the way: the `connect` listener by
 * which a TLS socket repeats the event of the TCP socket under it. For the length of this call, in which no other code runs,
 * the event is caught instead of emitted: what it is caught on is the TLS socket.
 */
function tlsSocketOver(socket: Socket): TLSSocket | undefined {
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

function isSession(value: unknown): value is ServerHttp2Session {
  return isObject(value) && typeof Reflect.get(value, 'goaway') === 'function';
}

/** A field behind a symbol that Node does not export, by the symbol's description. */
function fieldOf(owner: object, description: string): unknown {
  const key = Object.getOwnPropertySymbols(owner).find((symbol) => symbol.description === description);
  return key === undefined ? undefined : Reflect.get(owner, key);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && typeof Reflect.get(value, Symbol.iterator) === 'function';
}
