import type { ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { isObject } from '../values/is-object.ts';
import { socketsOf } from './server-sockets.ts';
import { tlsSocketOver } from './tls-socket-over.ts';

/**
 * Node 22 only, which keeps no set of the sessions of a server: each is a property of its socket, under TLS of the TLS socket.
 * The key was meant to be a symbol and is the text "undefined", so a session is recognised by its method `goaway`, which is public.
 * Seen on Node 22.15 and 22.23.
 *
 * Where it is missing, sessions get no GOAWAY from a shutdown (see `http2SessionsOf`).
 */
export function sessionOnSocket(server: Server): ServerHttp2Session[] {
  return socketsOf(server).flatMap((socket) => sessionsIn(socket) ?? sessionsIn(tlsSocketOver(socket)) ?? []);
}

export function isHttp2Session(value: unknown): value is ServerHttp2Session {
  return isObject(value) && typeof Reflect.get(value, 'goaway') === 'function';
}

function sessionsIn(socket: Socket | undefined): ServerHttp2Session[] | undefined {
  if (socket === undefined) return undefined;
  const values = Reflect.ownKeys(socket).map((key): unknown => Reflect.get(socket, key));
  const sessions = values.filter((value) => isHttp2Session(value));
  return sessions.length > 0 ? sessions : undefined;
}
